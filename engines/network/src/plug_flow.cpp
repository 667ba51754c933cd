#include "engines/network/src/plug_flow.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"

namespace nuanshu::network {
namespace {

constexpr std::uint32_t capacity_first = 4;
constexpr double resolution = 1.0 / 256.0;  ///< smallest share of a volume that is kept apart by mass alone
constexpr std::uint32_t count_max = 1024;
constexpr double sliver = 1e-12;  ///< of a volume: rounding, not water

/// e^(−x); most x are tiny: a minute against days.
inline double decay(double x) {
    if (x < 0.02) {
        return 1.0 - x * (1.0 - x * (0.5 - x * (1.0 / 6.0 - x * (1.0 / 24.0 - x / 120.0))));
    }
    return std::exp(-x);
}

/// Mean of e^(−t) over 0 … x.
inline double mean_decay(double x) {
    if (x < 0.02) {
        return 1.0 - x * (0.5 - x * (1.0 / 6.0 - x * (1.0 / 24.0 - x * (1.0 / 120.0 - x / 720.0))));
    }
    return -std::expm1(-x) / x;
}

constexpr PlugFlow::End opposite(PlugFlow::End end) {
    return end == PlugFlow::End::from ? PlugFlow::End::to : PlugFlow::End::from;
}

PlugFlow::End exit_of(double flow_kg_s) {
    return flow_kg_s > 0.0 ? PlugFlow::End::to : PlugFlow::End::from;
}

PlugFlow::Parcel merged(const PlugFlow::Parcel& a, const PlugFlow::Parcel& b) {
    const double mass = a.mass_kg + b.mass_kg;
    const double mean = a.enthalpy_j_kg + (b.enthalpy_j_kg - a.enthalpy_j_kg) * (b.mass_kg / mass);
    return {mass, mean,
            std::max(std::abs(a.enthalpy_j_kg - mean) + a.half_width_j_kg,
                     std::abs(b.enthalpy_j_kg - mean) + b.half_width_j_kg)};
}

}  // namespace

PlugFlow::PlugFlow(std::vector<double> mass_kg, double merge_tolerance_j_kg)
    : mass_kg_(std::move(mass_kg)),
      merge_tolerance_j_kg_(merge_tolerance_j_kg),
      loss_(mass_kg_.size()),
      stratified_(mass_kg_.size(), 0),
      rows_(mass_kg_.size()),
      taken_kg_(mass_kg_.size(), 0.0),
      heat_lost_j_(mass_kg_.size(), 0.0),
      parcels_(mass_kg_.size() * capacity_first),
      free_(16) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        rows_[i] = {static_cast<std::uint32_t>(i * capacity_first), capacity_first, 0, 0};
        append(rows_[i], End::to, {mass_kg_[i], 0.0, 0.0});
    }
}

void PlugFlow::assign(std::size_t volume, std::span<const Parcel> parcels) {
    auto& row = rows_[volume];
    row.head = row.count = 0;
    for (const auto& parcel : parcels) {
        append(row, End::to, parcel);
    }
}

void PlugFlow::fill(std::size_t volume, End entrance, double enter_j_kg, double residence_s) {
    const auto [rate, ambient] = loss_[volume];
    const double over_j_kg = enter_j_kg - ambient;
    const double x = rate * residence_s;
    const double fall_j_kg = std::abs(over_j_kg) * (1.0 - decay(x));
    const double pieces = std::clamp(std::ceil(fall_j_kg / (2.0 * merge_tolerance_j_kg_)), 1.0, 64.0);
    auto& row = rows_[volume];
    row.head = row.count = 0;
    for (int i = 0; i < static_cast<int>(pieces); ++i) {
        const double begin = x * i / pieces;
        const double mean = ambient + over_j_kg * decay(begin) * mean_decay(x / pieces);
        append(row, opposite(entrance), {mass_kg_[volume] / pieces, mean, 0.5 * fall_j_kg / pieces});
    }
}

void PlugFlow::fill_layers(std::size_t volume, double share, double from_j_kg, double to_j_kg) {
    auto& row = rows_[volume];
    row.head = row.count = 0;
    if (share > 0.0) {
        append(row, End::to, {mass_kg_[volume] * share, from_j_kg, 0.0});
    }
    if (share < 1.0) {
        append(row, End::to, {mass_kg_[volume] * (1.0 - share), to_j_kg, 0.0});
    }
}

void PlugFlow::draw(double dt_s, std::span<const double> flow_kg_s, std::span<Outflow> outflow) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const double flow = std::abs(flow_kg_s[i]);
        const auto [rate, ambient] = loss_[i];
        heat_lost_j_[i] = 0.0;
        taken_kg_[i] = 0.0;
        outflow[i] = {0.0, 0.0};
        if (flow > 0.0) {
            const double leaves_kg = flow * dt_s;
            const double over_j = take(i, exit_of(flow_kg_s[i]), std::min(leaves_kg, mass_kg_[i]), flow);
            const double passes_kg = std::max(leaves_kg - taken_kg_[i], 0.0);
            const double passing = passes_kg / leaves_kg * decay(rate * taken_kg_[i] / flow);
            outflow[i] = {ambient + over_j / leaves_kg - passing * ambient, passing};
        }
        cool(i, dt_s);
    }
}

/// Lets `mass_kg` out. @return its heat over that of the surroundings as it leaves
double PlugFlow::take(std::size_t volume, End exit, double mass_kg, double flow_kg_s) {
    auto& row = rows_[volume];
    const auto [rate, ambient] = loss_[volume];
    const double rounding_kg = sliver * mass_kg_[volume];
    double taken = 0.0;
    double over_j = 0.0;
    double begin = 1.0;  // e^(−kt) when the parcel's first drop leaves
    while (row.count > 0 && mass_kg - taken > rounding_kg) {
        auto& parcel = at_end(row, exit);
        const double part = std::min(parcel.mass_kg, mass_kg - taken);
        const double x = rate * part / flow_kg_s;
        const double factor = begin * mean_decay(x);
        const double over = part * (parcel.enthalpy_j_kg - ambient);
        over_j += over * factor;
        heat_lost_j_[volume] += over * (1.0 - factor);
        begin *= decay(x);
        if (parcel.mass_kg - part <= rounding_kg) {
            taken += parcel.mass_kg;
            over_j += (parcel.mass_kg - part) * (parcel.enthalpy_j_kg - ambient);
            drop(row, exit);
        } else {
            parcel.mass_kg -= part;
            taken += part;
        }
    }
    taken_kg_[volume] = taken;
    return over_j;
}

void PlugFlow::cool(std::size_t volume, double dt_s) {
    const auto [rate, ambient] = loss_[volume];
    auto& row = rows_[volume];
    if (rate == 0.0 || row.count == 0) {
        return;
    }
    const double lost = 1.0 - decay(rate * dt_s);
    double over_j = 0.0;
    for (std::size_t i = 0; i < row.count; ++i) {
        auto& parcel = parcels_[slot(row, i)];
        const double over = parcel.enthalpy_j_kg - ambient;
        parcel.enthalpy_j_kg -= over * lost;
        over_j += parcel.mass_kg * over;
    }
    heat_lost_j_[volume] += over_j * lost;
}

void PlugFlow::push(double dt_s, std::span<const double> flow_kg_s, std::span<const double> inlet_j_kg) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const double taken = taken_kg_[i];
        if (taken <= 0.0) {
            continue;
        }
        const double flow = std::abs(flow_kg_s[i]);
        const auto [rate, ambient] = loss_[i];
        const double over = inlet_j_kg[i] - ambient;
        const double x = rate * taken / flow;
        const double mean = mean_decay(x);
        const double passes_kg = std::max(flow * dt_s - taken, 0.0);
        heat_lost_j_[i] += over * (taken * (1.0 - mean) + passes_kg * (1.0 - decay(x)));
        enter(i, opposite(exit_of(flow_kg_s[i])), {taken, ambient + over * mean, 0.0});
    }
}

void PlugFlow::enter(std::size_t volume, End entrance, Parcel parcel) {
    auto& row = rows_[volume];
    if (row.count > 0 && may_merge(volume, at_end(row, entrance), parcel)) {
        auto& end = at_end(row, entrance);
        end = merged(end, parcel);
    } else {
        append(row, entrance, parcel);
    }
    if (stratified_[volume] != 0) {
        mix_inverted(volume, entrance);
    }
}

bool PlugFlow::may_merge(std::size_t volume, const Parcel& a, const Parcel& b) const {
    return a.mass_kg + b.mass_kg <= resolution * mass_kg_[volume] ||
           merged(a, b).half_width_j_kg <= merge_tolerance_j_kg_ || rows_[volume].count >= count_max;
}

/// Water that came in colder than what it lies on sinks into it, and hotter water under colder rises.
void PlugFlow::mix_inverted(std::size_t volume, End entrance) {
    auto& row = rows_[volume];
    while (row.count > 1) {
        const auto last = at_end(row, entrance);
        const auto next = parcels_[slot(row, entrance == End::from ? 1 : row.count - 2U)];
        const double above = entrance == End::from ? last.enthalpy_j_kg : next.enthalpy_j_kg;
        const double below = entrance == End::from ? next.enthalpy_j_kg : last.enthalpy_j_kg;
        if (above >= below) {
            return;
        }
        drop(row, entrance);
        at_end(row, entrance) = merged(last, next);
    }
}

void PlugFlow::append(Row& row, End end, const Parcel& parcel) {
    if (row.count == row.capacity) {
        grow(row);
    }
    if (end == End::from) {
        row.head = (row.head + row.capacity - 1U) & (row.capacity - 1U);
    }
    ++row.count;
    at_end(row, end) = parcel;
}

void PlugFlow::drop(Row& row, End end) {
    if (end == End::from) {
        row.head = (row.head + 1U) & (row.capacity - 1U);
    }
    --row.count;
}

/// Moves a ring to one of twice the capacity: one that another volume has left, or a new one at the end.
void PlugFlow::grow(Row& row) {
    Row wider{0, row.capacity * 2U, 0, row.count};
    const auto size_class = static_cast<std::size_t>(std::countr_zero(wider.capacity));
    NUANSHU_CHECK(size_class < free_.size(), "{} parcels in one volume", row.count);
    if (auto& left = free_[size_class]; !left.empty()) {
        wider.begin = left.back();
        left.pop_back();
    } else {
        wider.begin = static_cast<std::uint32_t>(parcels_.size());
        parcels_.resize(parcels_.size() + wider.capacity);
    }
    for (std::size_t i = 0; i < row.count; ++i) {
        parcels_[slot(wider, i)] = parcels_[slot(row, i)];
    }
    free_[size_class - 1].push_back(row.begin);
    row = wider;
}

double PlugFlow::stored_j(std::size_t volume) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < rows_[volume].count; ++i) {
        const auto& parcel = parcels_[slot(rows_[volume], i)];
        sum += parcel.mass_kg * parcel.enthalpy_j_kg;
    }
    return sum;
}

double PlugFlow::end_j_kg(std::size_t volume, End end) const {
    const auto& row = rows_[volume];
    return parcels_[slot(row, end == End::from ? 0 : row.count - 1U)].enthalpy_j_kg;
}

std::size_t PlugFlow::parcels() const {
    std::size_t sum = 0;
    for (const auto& row : rows_) {
        sum += row.count;
    }
    return sum;
}

}  // namespace nuanshu::network
