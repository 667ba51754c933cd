#pragma once

#include <cstdint>
#include <span>
#include <vector>

/// Water moving through many volumes (pipes, tanks) as parcels, without numerical diffusion.
///
/// A volume is a row of parcels between its two ends, each of a mass and a specific enthalpy. In a step of dt the flow
/// pushes whole and cut parcels out at one end and one new parcel in at the other, so a front stays a front. What the
/// surroundings take obeys dh/dt = −k(h − h_a); it is integrated exactly over the time each kilogram really spends
/// inside during the step, and booked as heat lost:
///
///   a parcel that stays            h_a + (h − h_a)·e^(−k·dt)
///   one that leaves from t₁ to t₂  h_a + (h − h_a)·mean of e^(−kt) over t₁ … t₂
///   water that enters and stays    the mean of e^(−kt) over 0 … dt
///   water that enters and leaves   e^(−kτ), τ = mass / flow: the time to pass
///
/// The wall of a pipe is in equilibrium with its water (they meet within seconds, a step has a minute), so it counts
/// as further water that holds heat and does not flow: a volume's mass is water + C_wall/c. Fronts then travel slower
/// by 1 + C_wall/C_water, as they do in the equilibrium model, and all heat stays accounted for.
///
/// Two neighbours become one parcel when their temperatures lie within the tolerance of the common mean, everything
/// merged before included, or when both together are under 1/256 of the volume. A volume so holds at most about 512.
namespace nuanshu::network {

class PlugFlow {
 public:
    /// How one volume loses heat.
    struct Loss {
        double rate_1_s = 0.0;  ///< k
        double ambient_enthalpy_j_kg = 0.0;
    };
    /// What leaves a volume in a step: enthalpy = known_j_kg + inlet_share · (enthalpy of what enters meanwhile). The
    /// share is zero unless water passes the whole volume within the step.
    struct Outflow {
        double known_j_kg = 0.0;
        double inlet_share = 0.0;
    };
    enum class End : std::uint8_t { from, to };

    /// @param mass_kg of each volume, wall included; positive
    /// @param merge_tolerance_j_kg largest difference of merged water from its parcel's mean
    PlugFlow(std::vector<double> mass_kg, double merge_tolerance_j_kg);

    std::size_t size() const { return mass_kg_.size(); }
    double mass_kg(std::size_t volume) const { return mass_kg_[volume]; }

    /// Fills a volume with what a steady flow would have left there: an exponential course from `enter_j_kg` at
    /// `entrance` over `residence_s`. A residence of 0 fills it evenly.
    void fill(std::size_t volume, End entrance, double enter_j_kg, double residence_s);
    /// Puts `share` of the volume at `from_j_kg` towards its `from` end, the rest at `to_j_kg`.
    void fill_layers(std::size_t volume, double share, double from_j_kg, double to_j_kg);
    void set_loss(std::size_t volume, Loss loss) { loss_[volume] = loss; }
    /// Its `from` end is the top: lighter water does not stay under colder water, they mix.
    void stratify(std::size_t volume) { stratified_[volume] = 1; }

    /// First half of a step: what is inside cools and flows out. @param flow_kg_s positive from `from` to `to`
    void draw(double dt_s, std::span<const double> flow_kg_s, std::span<Outflow> outflow);
    /// Second half: what enters. @param inlet_j_kg of the water at the end where it enters
    void push(double dt_s, std::span<const double> flow_kg_s, std::span<const double> inlet_j_kg);

    /// Heat given to the surroundings in the last step.
    double heat_lost_j(std::size_t volume) const { return heat_lost_j_[volume]; }
    double stored_j(std::size_t volume) const;
    /// What the content gives to the surroundings now.
    double loss_w(std::size_t volume) const {
        return loss_[volume].rate_1_s * (stored_j(volume) - mass_kg_[volume] * loss_[volume].ambient_enthalpy_j_kg);
    }
    double end_j_kg(std::size_t volume, End end) const;
    std::size_t parcels(std::size_t volume) const { return rows_[volume].count; }
    std::size_t parcels() const;

    struct Parcel {
        double mass_kg = 0.0;
        double enthalpy_j_kg = 0.0;
        double half_width_j_kg = 0.0;  ///< no water merged into it differs by more
    };
    /// From the `from` end on.
    Parcel parcel(std::size_t volume, std::size_t at) const { return parcels_[slot(rows_[volume], at)]; }
    /// Replaces the content of a volume. @pre masses are positive and add up to the volume's
    void assign(std::size_t volume, std::span<const Parcel> parcels);

 private:
    /// A ring in `parcels_`: `capacity` is a power of two.
    struct Row {
        std::uint32_t begin = 0, capacity = 0, head = 0, count = 0;
    };
    static std::size_t slot(const Row& row, std::size_t at) {
        return row.begin + ((row.head + at) & (row.capacity - 1U));
    }
    Parcel& at_end(Row& row, End end) { return parcels_[slot(row, end == End::from ? 0 : row.count - 1U)]; }

    double take(std::size_t volume, End exit, double mass_kg, double flow_kg_s);
    void cool(std::size_t volume, double dt_s);
    void enter(std::size_t volume, End entrance, Parcel parcel);
    bool may_merge(std::size_t volume, const Parcel& a, const Parcel& b) const;
    void mix_inverted(std::size_t volume, End entrance);
    void append(Row& row, End end, const Parcel& parcel);
    static void drop(Row& row, End end);
    void grow(Row& row);

    std::vector<double> mass_kg_;
    double merge_tolerance_j_kg_;
    std::vector<Loss> loss_;
    std::vector<std::uint8_t> stratified_;
    std::vector<Row> rows_;
    std::vector<double> taken_kg_;     ///< between draw() and push()
    std::vector<double> heat_lost_j_;  ///< of the last step
    std::vector<Parcel> parcels_;
    std::vector<std::vector<std::uint32_t>> free_;  ///< places left by rings that grew, by log2 of their capacity
};

}  // namespace nuanshu::network
