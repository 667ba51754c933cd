#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// Steady turbulent flow in a tree of pipes. kg/s, Pa; resistance S in Pa/(kg/s)²: Δp = S·G²; conductance k in
/// kg/s/√Pa: G = k·√Δp, so that parallel parts add their k and serial parts their S = 1/k². A tree is therefore solved
/// exactly by one sweep up and one down.
namespace nuanshu::sim {

/// Specific friction loss, Pa/m, of hot water in an old steel pipe of roughness K = 0.5 mm, as Chinese handbooks write
/// it: R = 6.88·10⁻³ K^0.25 G² / (ρ d^5.25), G in t/h. It is Darcy–Weisbach with Shifrinson's factor λ = 0.11
/// (K/d)^0.25.
double friction_pa_m(double flow_t_h, double diameter_m);

/// Resistance of supply and return together; bends and fittings add 30 % to the length.
double pipe_resistance(double length_m, double diameter_m);

/// Conductance of a valve with flow coefficient Kv in m³/h at 1 bar.
double valve_conductance(double kv_m3_h);
/// Equal-percentage characteristic with rangeability 30, shut below 1 %: share of Kvs at an opening in %.
double equal_percentage(double opening_percent);
/// The opening that gives this share, 0 … 100.
double opening_for_share(double share);
/// Two resistances in series, as conductance of the whole; 0 when either part is shut.
double in_series(double conductance, double resistance);

/// Pipe i leads from node parent[i] ≤ i to node i+1. Node 0 is the header.
struct NetworkTree {
    std::vector<std::size_t> parent;
    std::vector<double> resistance;  ///< of pipe i, supply and return
    std::vector<double> volume_m3;   ///< of pipe i, one way

    std::size_t nodes() const { return parent.size() + 1; }
};

struct NetworkFlow {
    std::vector<double> pipe_kg_s;      ///< of pipe i
    std::vector<double> difference_pa;  ///< between supply and return at node i
    std::vector<double> travel_s;       ///< of the supply water from header to node i, at most six hours
};

/// `conductance` is what hangs on each node; `header_pa` is held at node 0. `flow` is filled.
void solve_tree(const NetworkTree& tree, std::span<const double> conductance, double header_pa, NetworkFlow& flow);

}  // namespace nuanshu::sim
