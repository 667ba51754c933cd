#include "platform/http/src/prometheus_labels.h"

#include <re2/re2.h>

namespace nuanshu::http {
namespace {

constexpr std::int64_t expression_bytes_max = 1 << 20;

bool may_be_in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

}  // namespace

std::string metric_name(std::string_view point_name) {
    std::string name = !point_name.empty() && point_name.front() >= '0' && point_name.front() <= '9' ? "_" : "";
    for (const char c : point_name) {
        name += may_be_in_name(c) ? c : '_';
    }
    return name;
}

std::string label_value(const points::PointDefinition& point, std::string_view label) {
    if (label == "__name__") {
        return metric_name(point.type->name);
    }
    if (label == "point") {
        return point.code;
    }
    if (label == "record") {
        return point.record_code;
    }
    if (label == "title") {
        return point.record_title;
    }
    if (label == "type") {
        return point.record_type;
    }
    return label == "unit" ? point.type->unit : std::string();
}

std::vector<std::pair<std::string_view, std::string>> labels_of(const points::PointDefinition& point) {
    std::vector<std::pair<std::string_view, std::string>> labels;
    for (const std::string_view label : {"__name__", "point", "record", "title", "type", "unit"}) {
        if (auto value = label_value(point, label); !value.empty()) {
            labels.emplace_back(label, std::move(value));
        }
    }
    return labels;
}

LabelMatcher::LabelMatcher() = default;
LabelMatcher::~LabelMatcher() = default;
LabelMatcher::LabelMatcher(LabelMatcher&&) noexcept = default;
LabelMatcher& LabelMatcher::operator=(LabelMatcher&&) noexcept = default;

Result<LabelMatcher> LabelMatcher::create(Kind kind, std::string label, const std::string& value) {
    LabelMatcher matcher;
    matcher.kind_ = kind;
    matcher.label_ = std::move(label);
    matcher.value_ = value;
    if (kind == Kind::regex || kind == Kind::not_regex) {
        re2::RE2::Options options(re2::RE2::Quiet);
        options.set_max_mem(expression_bytes_max);
        matcher.expression_ = std::make_unique<re2::RE2>(value, options);
        if (!matcher.expression_->ok()) {
            return fail(ErrorCode::invalid, "matcher of " + matcher.label_, "`{}`: {}", value,
                        matcher.expression_->error());
        }
    }
    return matcher;
}

bool LabelMatcher::matches(const points::PointDefinition& point) const {
    const auto value = label_value(point, label_);
    const bool is_like = expression_ ? re2::RE2::FullMatch(value, *expression_) : value == value_;
    return is_like == (kind_ == Kind::equal || kind_ == Kind::regex);
}

}  // namespace nuanshu::http
