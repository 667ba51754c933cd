#include "base/units.h"

#include <map>
#include <memory>
#include <mutex>

#include <udunits2.h>

namespace nuanshu {
namespace {

using UnitPtr = std::unique_ptr<ut_unit, decltype(&ut_free)>;

/// The field's spellings that UDUNITS' grammar does not read.
const std::map<std::string_view, std::string_view> field_spellings = {
    {"℃", "degC"},          {"°C", "degC"},     {"m³/h", "m3 h-1"}, {"m3/h", "m3 h-1"},
    {"t/h", "t h-1"},       {"kg/h", "kg h-1"}, {"l/h", "l h-1"},   {"L/h", "l h-1"},
    {"m³", "m3"},           {"㎡", "m2"},       {"m²", "m2"},       {"万㎡", "1e4 m2"},
    {"W/m²", "W m-2"},      {"W/㎡", "W m-2"},  {"GJ/h", "GJ h-1"}, {"MW·h", "MW h"},
    {"kW·h", "kW h"},       {"kWh", "kW h"},    {"MWh", "MW h"},    {"℃/h", "K h-1"},
    {"mH2O", "9806.65 Pa"}, {"rpm", "1/min"},   {"r/min", "1/min"}, {"m/s", "m s-1"},
    {"NTU", "1"},           {"pH", "1"},        {"dBm", "1"},       {"µS/cm", "uS cm-1"},
    {"mg/m³", "mg m-3"},    {"mm/s", "mm s-1"},
};

/// UDUNITS is not thread-safe: one system, one lock. Made at first use and kept for the life of the process.
class UnitSystem {
 public:
    UnitSystem() : system_(nullptr, &ut_free_system) {
        ut_set_error_message_handler(ut_ignore);
        system_.reset(ut_read_xml(nullptr));
    }

    UnitPtr parse(std::string_view text) const {
        if (!system_) {
            return {nullptr, &ut_free};
        }
        const auto spelling = field_spellings.find(text);
        const std::string plain(spelling != field_spellings.end() ? spelling->second : text.empty() ? "1" : text);
        return {ut_parse(system_.get(), plain.c_str(), UT_UTF8), &ut_free};
    }

    std::mutex lock;

 private:
    std::unique_ptr<ut_system, decltype(&ut_free_system)> system_;
};

UnitSystem& unit_system() {
    static UnitSystem system;
    return system;
}

}  // namespace

Result<UnitConversion> unit_conversion(std::string_view from, std::string_view to) {
    if (from == to) {
        return UnitConversion{};
    }
    auto& system = unit_system();
    const std::scoped_lock guard(system.lock);
    const auto from_unit = system.parse(from);
    const auto to_unit = system.parse(to);
    if (!from_unit || !to_unit) {
        return fail(ErrorCode::invalid, "unit", "`{}` is no unit UDUNITS knows; write it like ℃, MPa, m³/h, GJ, kW, %",
                    from_unit ? to : from);
    }
    const std::unique_ptr<cv_converter, decltype(&cv_free)> converter(ut_get_converter(from_unit.get(), to_unit.get()),
                                                                      &cv_free);
    if (!converter) {
        return fail(ErrorCode::invalid, "unit", "`{}` cannot become `{}`: they measure different things", from, to);
    }
    const double offset = cv_convert_double(converter.get(), 0.0);
    return UnitConversion{cv_convert_double(converter.get(), 1.0) - offset, offset};
}

bool is_known_unit(std::string_view unit) {
    auto& system = unit_system();
    const std::scoped_lock guard(system.lock);
    return system.parse(unit) != nullptr;
}

}  // namespace nuanshu
