#include "engines/network/src/epanet_options.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

namespace nuanshu::network::epanet {
namespace {

struct FlowUnit {
    std::string_view name;
    double flow_m3_s;
    bool metric;
};
constexpr double cubic_foot_m3 = foot_m * foot_m * foot_m;
constexpr double gallon_m3 = 3.785411784e-3, imperial_gallon_m3 = 4.54609e-3, acre_foot_m3 = 43560 * cubic_foot_m3;
constexpr double minute_s = 60, hour_s = 3600, day_s = 86400;
constexpr FlowUnit flow_units[] = {{"CFS", cubic_foot_m3, false},
                                   {"GPM", gallon_m3 / minute_s, false},
                                   {"MGD", 1e6 * gallon_m3 / day_s, false},
                                   {"IMGD", 1e6 * imperial_gallon_m3 / day_s, false},
                                   {"AFD", acre_foot_m3 / day_s, false},
                                   {"LPS", 1e-3, true},
                                   {"LPM", 1e-3 / minute_s, true},
                                   {"MLD", 1e3 / day_s, true},
                                   {"CMH", 1 / hour_s, true},
                                   {"CMD", 1 / day_s, true},
                                   {"CMS", 1, true}};

void set_units(Options& options, const FlowUnit& unit) {
    constexpr double foot_per_psi = 1 / 0.4333;  // EPANET's factor
    options.flow_m3_s = unit.flow_m3_s;
    options.length_m = unit.metric ? 1.0 : foot_m;
    options.diameter_m = unit.metric ? 1e-3 : foot_m / 12;
    options.roughness_m = unit.metric ? 1e-3 : foot_m * 1e-3;
    options.pressure_pa = 1000 * gravity_m_s2 * (unit.metric ? 1.0 : foot_per_psi * foot_m);
    options.power_w = unit.metric ? 1000.0 : 745.7;
}

class OptionReader {
 public:
    OptionReader(const std::string& file, Diagnostics& faults, Diagnostics& notes)
        : file_(file), faults_(faults), notes_(notes) {
        set_units(options_, flow_units[1]);
    }

    void read(int line, std::span<const std::string_view> words) {
        line_ = line;
        const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string_view(); };
        if (same_word(word(0), "UNITS")) {
            read_units(word(1));
        } else if (same_word(word(0), "HEADLOSS")) {
            read_headloss(word(1));
        } else if (same_word(word(0), "PRESSURE")) {
            read_pressure(word(1));
        } else if (same_word(word(0), "VISCOSITY")) {
            number(word(0), word(1), 1e-9, viscosity_);
        } else if (same_word(word(0), "SPECIFIC")) {
            number("SPECIFIC GRAVITY", word(2), 0.1, gravity_);
        } else if (same_word(word(0), "DEMAND") && same_word(word(1), "MULTIPLIER")) {
            number("DEMAND MULTIPLIER", word(2), 0.0, options_.demand_multiplier);
        } else if (same_word(word(0), "DEMAND") && same_word(word(2), "PDA")) {
            notes_.push_back({file_, line_, "DEMAND MODEL", "is left out; solve with --pressure-driven"});
        } else if (same_word(word(0), "EMITTER") && same_word(word(1), "EXPONENT")) {
            number("EMITTER EXPONENT", word(2), 0.0, options_.emitter_exponent);
        } else if (same_word(word(0), "PATTERN")) {
            options_.default_pattern = word(1);
        }
    }

    Options result() {
        options_.density_kg_m3 = 1000.0 * gravity_;
        const bool relative = viscosity_ > 1e-3;
        const double unit_m2_s = options_.length_m == 1.0 ? 1.0 : foot_m * foot_m;
        options_.kinematic_viscosity_m2_s = viscosity_ * (relative ? reference_viscosity_m2_s : unit_m2_s);
        return options_;
    }

 private:
    void fault(std::string_view field, std::string text) {
        faults_.push_back({file_, line_, std::string(field), std::move(text)});
    }
    void number(std::string_view field, std::string_view word, double min, double& out) {
        double value = 0.0;
        if (!parse_number(word, value) || value < min) {
            fault(field, fmt::format("`{}` is no number of at least {}", word.substr(0, 40), min));
        } else {
            out = value;
        }
    }
    void read_units(std::string_view word) {
        const auto unit = std::find_if(std::begin(flow_units), std::end(flow_units),
                                       [&](const FlowUnit& known) { return same_word(known.name, word); });
        if (unit == std::end(flow_units)) {
            fault("UNITS", fmt::format("`{}` is no unit of flow; one of CFS GPM MGD IMGD AFD LPS LPM MLD CMH CMD CMS",
                                       word.substr(0, 40)));
        } else {
            const double pressure_pa = options_.pressure_pa;
            set_units(options_, *unit);
            options_.pressure_pa = pressure_given_ ? pressure_pa : options_.pressure_pa;
        }
    }
    void read_pressure(std::string_view word) {
        pressure_given_ = same_word(word, "KPA") || same_word(word, "METERS") || same_word(word, "PSI");
        if (same_word(word, "KPA")) {
            options_.pressure_pa = 1000;
        } else if (same_word(word, "METERS")) {
            options_.pressure_pa = 1000 * gravity_m_s2;
        } else if (same_word(word, "PSI")) {
            options_.pressure_pa = 1000 * gravity_m_s2 * foot_m / 0.4333;
        }
    }
    void read_headloss(std::string_view word) {
        if (same_word(word, "H-W")) {
            options_.friction = Friction::hazen_williams;
        } else if (same_word(word, "D-W")) {
            options_.friction = Friction::swamee_jain;
        } else {
            fault("HEADLOSS", fmt::format("`{}` is not done here; D-W or H-W", word.substr(0, 40)));
        }
    }

    const std::string& file_;
    Diagnostics& faults_;
    Diagnostics& notes_;
    Options options_;
    double viscosity_ = 1.0, gravity_ = 1.0;
    bool pressure_given_ = false;
    int line_ = 0;
};

}  // namespace

bool parse_number(std::string_view word, double& number) {
    if (!word.empty() && word.front() == '+') {
        word.remove_prefix(1);
    }
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc() && end == word.data() + word.size() && std::isfinite(number);
}

Options read_options(const Sections& sections, const std::string& file, Diagnostics& faults, Diagnostics& notes) {
    OptionReader reader(file, faults, notes);
    for (const auto& row : sections.rows(Section::options)) {
        reader.read(row.line, sections.words(row));
    }
    return reader.result();
}

}  // namespace nuanshu::network::epanet
