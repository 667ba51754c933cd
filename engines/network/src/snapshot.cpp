#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "engines/network/src/simulation_state.h"

/// A simulation's state as bytes, little-endian:
///
///   "NSN1", u64 fingerprint of the network, i64 steps, f64 step_s, 5 × f64 heat account, f64 stored at the beginning,
///   then lists, each a u64 count and so many f64: enthalpies of nodes, outlets of links, flows and supply references
///   of consumers; for each store the masses, enthalpies and half-widths of its parcels; u64 FNV-1a of all before.
///
/// Hydraulics are not in it: they are solved again for the boundaries of that moment.
namespace nuanshu::network {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view magic = "NSN1";
constexpr double mass_tolerance = 1e-9;  ///< of a volume

std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash = 0xcbf29ce484222325U) {
    for (const char c : bytes) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    return hash;
}

/// The same for networks of the same elements, whatever their values.
std::uint64_t fingerprint(const Network& network) {
    std::uint64_t hash = fnv1a("");
    const auto add = [&](const auto& elements) {
        hash = fnv1a("|", hash);
        for (const auto& element : elements) {
            hash = fnv1a(element.id, fnv1a("/", hash));
        }
    };
    add(network.nodes);
    add(network.pipes);
    add(network.pumps);
    add(network.valves);
    add(network.sources);
    add(network.consumers);
    add(network.leaks);
    add(network.tanks);
    return hash;
}

class Writer {
 public:
    explicit Writer(std::string& bytes) : bytes_(bytes) {}

    template <class T>
    void put(T value) {
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void put_list(std::span<const double> values) {
        put(static_cast<std::uint64_t>(values.size()));
        bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    }

 private:
    std::string& bytes_;
};

class Reader {
 public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    template <class T>
    T take() {
        T value{};
        if (bytes_.size() < sizeof value) {
            good_ = false;
            return value;
        }
        std::memcpy(&value, bytes_.data(), sizeof value);
        bytes_.remove_prefix(sizeof value);
        return value;
    }
    std::vector<double> take_list() {
        const auto count = take<std::uint64_t>();
        if (count > bytes_.size() / sizeof(double)) {
            good_ = false;
            return {};
        }
        std::vector<double> values(count);
        std::memcpy(values.data(), bytes_.data(), count * sizeof(double));
        bytes_.remove_prefix(count * sizeof(double));
        good_ = good_ && std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
        return values;
    }
    /// All was there, finite, and nothing is left.
    bool good() const { return good_ && bytes_.empty(); }

 private:
    std::string_view bytes_;
    bool good_ = true;
};

/// What a snapshot holds, read and checked before anything of it is taken.
struct Content {
    std::int64_t steps = 0;
    double step_s = 0.0;
    HeatAccount heat;
    double stored_start_j = 0.0;
    std::vector<double> node_j_kg, outlet_j_kg, mass_flow_kg_s, reference_j_kg;
    std::vector<std::vector<PlugFlow::Parcel>> parcels;
};

std::vector<PlugFlow::Parcel> take_parcels(Reader& in) {
    const auto mass = in.take_list();
    const auto enthalpy = in.take_list();
    const auto half_width = in.take_list();
    std::vector<PlugFlow::Parcel> parcels;
    for (std::size_t i = 0; i < std::min({mass.size(), enthalpy.size(), half_width.size()}); ++i) {
        parcels.push_back({mass[i], enthalpy[i], half_width[i]});
    }
    return parcels;
}

bool fills(std::span<const PlugFlow::Parcel> parcels, double mass_kg) {
    double sum = 0.0;
    for (const auto& parcel : parcels) {
        if (!(parcel.mass_kg > 0.0)) {
            return false;
        }
        sum += parcel.mass_kg;
    }
    return std::abs(sum - mass_kg) <= mass_tolerance * mass_kg;
}

Content read_content(Reader& in, std::size_t stores) {
    Content content;
    content.steps = in.take<std::int64_t>();
    content.step_s = in.take<double>();
    for (double* part : {&content.heat.sources_j, &content.heat.consumers_j, &content.heat.losses_j,
                         &content.heat.inflow_j, &content.heat.outflow_j, &content.stored_start_j}) {
        *part = in.take<double>();
    }
    content.node_j_kg = in.take_list();
    content.outlet_j_kg = in.take_list();
    content.mass_flow_kg_s = in.take_list();
    content.reference_j_kg = in.take_list();
    for (std::size_t store = 0; store < stores; ++store) {
        content.parcels.push_back(take_parcels(in));
    }
    return content;
}

bool suits(const Content& content, const Simulation::State& state) {
    const auto consumers = state.network.consumers.size();
    if (content.steps < 0 || content.node_j_kg.size() != state.network.nodes.size() ||
        content.outlet_j_kg.size() != state.first.count || content.mass_flow_kg_s.size() != consumers ||
        content.reference_j_kg.size() != consumers) {
        return false;
    }
    for (std::size_t store = 0; store < content.parcels.size(); ++store) {
        if (!fills(content.parcels[store], state.volumes.mass_kg(store))) {
            return false;
        }
    }
    return true;
}

void put_parcels(Writer& out, const PlugFlow& volumes, std::size_t store) {
    std::vector<double> mass, enthalpy, half_width;
    for (std::size_t i = 0; i < volumes.parcels(store); ++i) {
        const auto parcel = volumes.parcel(store, i);
        mass.push_back(parcel.mass_kg);
        enthalpy.push_back(parcel.enthalpy_j_kg);
        half_width.push_back(parcel.half_width_j_kg);
    }
    out.put_list(mass);
    out.put_list(enthalpy);
    out.put_list(half_width);
}

}  // namespace

std::string Simulation::snapshot() const {
    const auto& state = *state_;
    std::string bytes(magic);
    Writer out(bytes);
    out.put(fingerprint(state.network));
    out.put(state.steps);
    out.put(state.scenario.step_s);
    for (const double part : {state.heat.sources_j, state.heat.consumers_j, state.heat.losses_j, state.heat.inflow_j,
                              state.heat.outflow_j, state.stored_start_j}) {
        out.put(part);
    }
    out.put_list(state.mixing.node_j_kg());
    out.put_list(state.mixing.outlet_j_kg());
    std::vector<double> flows;
    for (const auto& consumer : state.network.consumers) {
        flows.push_back(consumer.mass_flow_kg_s);
    }
    out.put_list(flows);
    out.put_list(state.reference_j_kg);
    for (std::size_t store = 0; store < state.first.stores(); ++store) {
        put_parcels(out, state.volumes, store);
    }
    out.put(fnv1a(bytes));
    return bytes;
}

Result<> Simulation::restore(std::string_view snapshot) {
    constexpr std::size_t tail = sizeof(std::uint64_t);
    auto& state = *state_;
    if (!snapshot.starts_with(magic) || snapshot.size() < magic.size() + 2 * tail) {
        return fail(ErrorCode::corrupt, "snapshot", "does not begin as one of this version, {}", magic);
    }
    std::uint64_t sum = 0;
    std::memcpy(&sum, snapshot.data() + snapshot.size() - tail, tail);
    if (sum != fnv1a(snapshot.substr(0, snapshot.size() - tail))) {
        return fail(ErrorCode::corrupt, "snapshot", "its checksum does not fit; it was cut short or changed");
    }
    Reader in(snapshot.substr(magic.size(), snapshot.size() - magic.size() - tail));
    if (in.take<std::uint64_t>() != fingerprint(state.network)) {
        return fail(ErrorCode::conflict, "snapshot", "is of a network with other elements");
    }
    auto content = read_content(in, state.first.stores());
    if (!in.good() || !suits(content, state)) {
        return fail(ErrorCode::conflict, "snapshot", "is of a network with other pipes or tanks");
    }
    if (content.step_s != state.scenario.step_s) {
        return fail(ErrorCode::conflict, "snapshot", "has steps of {} s, the scenario of {} s", content.step_s,
                    state.scenario.step_s);
    }
    state.steps = content.steps;
    state.stepped = false;
    state.heat = content.heat;
    state.stored_start_j = content.stored_start_j;
    state.reference_j_kg = std::move(content.reference_j_kg);
    state.mixing.restore(content.node_j_kg, content.outlet_j_kg);
    for (std::size_t store = 0; store < content.parcels.size(); ++store) {
        state.volumes.assign(store, content.parcels[store]);
    }
    for (std::size_t i = 0; i < content.mass_flow_kg_s.size(); ++i) {
        state.network.consumers[i].mass_flow_kg_s = content.mass_flow_kg_s[i];
    }
    state.course.apply(state.scenario, state.middle_of_last_step_s(), state.network);
    state.set_losses();
    return state.solve_hydraulics();
}

}  // namespace nuanshu::network
