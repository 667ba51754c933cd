#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/points/catalogue.h"

namespace re2 {
class RE2;
}

namespace nuanshu::http {

/// A point's name as Prometheus allows it: whatever is no letter, digit, underscore or colon becomes an underscore,
/// also before a digit at the beginning.
std::string metric_name(std::string_view point_name);

/// What Prometheus knows a point by. `__name__` is the metric name; `point` its code, `record` and `title` its
/// record's, `type` the record's type, `unit` its unit. Any other label is "".
std::string label_value(const points::PointDefinition& point, std::string_view label);

/// The labels a point has, by name.
std::vector<std::pair<std::string_view, std::string>> labels_of(const points::PointDefinition& point);

/// One condition of a selector: `record=~"xc\\.s01.*"`.
class LabelMatcher {
 public:
    enum class Kind { equal, not_equal, regex, not_regex };

    /// Regular expressions are RE2's, as Prometheus' are, and must match the whole value. Errors: invalid, with what is
    /// wrong with the expression.
    static Result<LabelMatcher> create(Kind kind, std::string label, const std::string& value);
    ~LabelMatcher();
    LabelMatcher(LabelMatcher&&) noexcept;
    LabelMatcher& operator=(LabelMatcher&&) noexcept;

    bool matches(const points::PointDefinition& point) const;

 private:
    LabelMatcher();

    Kind kind_ = Kind::equal;
    std::string label_;
    std::string value_;
    std::unique_ptr<re2::RE2> expression_;
};

}  // namespace nuanshu::http
