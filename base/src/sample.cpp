#include "base/sample.h"

namespace nuanshu {

std::string_view to_string(Quality quality) {
    switch (quality) {
        case Quality::good:
            return "good";
        case Quality::manual:
            return "manual";
        case Quality::estimated:
            return "estimated";
        case Quality::spike:
            return "spike";
        case Quality::rate_of_change:
            return "rate_of_change";
        case Quality::frozen:
            return "frozen";
        case Quality::late:
            return "late";
        case Quality::range:
            return "range";
        case Quality::wire_break:
            return "wire_break";
        case Quality::not_a_number:
            return "not_a_number";
        case Quality::communication:
            return "communication";
        case Quality::gap:
            return "gap";
        case Quality::device_fault:
            return "device_fault";
        case Quality::never:
            return "never";
    }
    return "unknown";
}

}  // namespace nuanshu
