#include "platform/points/src/snapshot.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace nuanshu::points {
namespace {

/// ASCII to lower case; other bytes stay, Chinese has no case.
std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

std::string text_field(const records::Record& record, const std::string& name) {
    const auto found = record.fields.find(name);
    const auto* text = found != record.fields.end() ? std::get_if<std::string>(&found->second) : nullptr;
    return text != nullptr ? *text : "";
}

Result<> for_each_record(const records::Records& records, const std::string& type,
                         const std::function<void(const records::Record&)>& visit) {
    records::Query query;
    query.limit = 1000;
    do {
        NUANSHU_TRY(const auto page, records.list(type, query));
        std::for_each(page.records.begin(), page.records.end(), visit);
        query.after = page.next;
    } while (!query.after.empty());
    return {};
}

/// Collects definitions while they can still be changed, then freezes them into a snapshot.
class Builder {
 public:
    Builder(const records::Records& records, const std::vector<Profile>& profiles, Diagnostics& faults)
        : records_(records), profiles_(profiles), faults_(faults) {}

    Result<> collect_points() {
        for (const auto& type : records_.types().all()) {
            NUANSHU_TRY_VOID(for_each_record(records_, type.name, [&](const records::Record& record) {
                codes_of_type_[type.name].insert(record.code);
                for (const auto& point : type.points) {
                    add_point(record, point);
                }
            }));
        }
        return {};
    }

    Result<> bind_devices() {
        for (const auto& type : records_.types().all()) {
            if (type.device) {
                NUANSHU_TRY_VOID(for_each_record(
                    records_, type.name, [&](const records::Record& record) { bind_device(record, *type.device); }));
            }
        }
        return {};
    }

    Result<std::shared_ptr<const Snapshot>> freeze(historian::SampleStore& samples) {
        std::vector<std::string> codes;
        codes.reserve(points_.size());
        for (const auto& [code, point] : points_) {
            codes.push_back(code);
        }
        NUANSHU_TRY(const auto ids, samples.intern(codes));
        auto snapshot = std::make_shared<Snapshot>();
        std::size_t place = 0;
        for (auto& [code, point] : points_) {
            point->id = ids[place];
            snapshot->place_of.emplace(code, place);
            snapshot->place_of_id.emplace(point->id, place);
            snapshot->by_code.push_back({point, haystack_of(*point)});
            ++place;
        }
        for (auto& device : devices_) {
            for (auto& binding : device.points) {
                binding.point = points_.at(binding.code)->id;
            }
            snapshot->devices.push_back(std::move(device));
        }
        return std::shared_ptr<const Snapshot>(std::move(snapshot));
    }

 private:
    void add_point(const records::Record& record, const records::PointType& type) {
        auto point = std::make_shared<PointDefinition>();
        point->code = record.code + "/" + type.name;
        point->record_code = record.code;
        point->record_title = record.title;
        point->record_type = record.type;
        point->type = &type;
        point->expected_interval_ms = type.expected_interval_ms.value_or(0);
        points_.emplace(point->code, std::move(point));
    }

    static std::string haystack_of(const PointDefinition& point) {
        return lower(
            fmt::format("{} {} {} {}", point.code, point.record_title, point.type->title.zh, point.type->title.en));
    }

    void fault(const std::string& device, std::string text) { faults_.push_back({"", 0, device, std::move(text)}); }

    void bind_device(const records::Record& record, const records::DeviceFacet& facet) {
        drivers::DeviceConfig device;
        device.code = record.code;
        device.driver = text_field(record, facet.driver);
        device.settings = text_field(record, facet.settings);
        const auto profile_name = text_field(record, facet.profile);
        const auto profile =
            std::find_if(profiles_.begin(), profiles_.end(), [&](const Profile& p) { return p.name == profile_name; });
        if (profile == profiles_.end()) {
            fault(record.code, fmt::format("there is no profile `{}`", profile_name));
        } else {
            if (profile->driver != device.driver) {
                fault(record.code, fmt::format("profile `{}` is for driver `{}`, the device uses `{}`", profile_name,
                                               profile->driver, device.driver));
            }
            bind_served(device, *profile, text_field(record, facet.serves));
        }
        devices_.push_back(std::move(device));
    }

    void bind_served(drivers::DeviceConfig& device, const Profile& profile, const std::string& serves) {
        const auto& codes = codes_of_type_[profile.for_type];
        std::size_t served = 0;
        for (auto code = codes.lower_bound(serves); code != codes.end() && code->starts_with(serves); ++code) {
            if (code->size() == serves.size() || (*code)[serves.size()] == '.') {
                bind_record(device, profile, *code);
                ++served;
            }
        }
        if (served == 0) {
            fault(device.code, fmt::format("serves `{}`, where there is no {} for profile `{}`", serves,
                                           profile.for_type, profile.name));
        }
    }

    void bind_record(drivers::DeviceConfig& device, const Profile& profile, const std::string& code) {
        for (const auto& entry : profile.points) {
            const auto slash = entry.point.rfind('/');
            const auto record_code = slash == 0 ? code : code + "." + entry.point.substr(0, slash);
            const auto name = entry.point.substr(slash + 1);
            const auto found = points_.find(record_code + "/" + name);
            if (found != points_.end()) {
                bind_point(device, profile, entry, *found->second);
            } else if (slash == 0) {
                fault(device.code, fmt::format("profile `{}` line {}: {} has no point `{}`", profile.name, entry.line,
                                               profile.for_type, name));
            }
        }
    }

    void bind_point(drivers::DeviceConfig& device, const Profile& profile, const ProfilePoint& entry,
                    PointDefinition& point) {
        if (!point.device.empty()) {
            fault(device.code, fmt::format("`{}` is bound to `{}` already", point.code, point.device));
            return;
        }
        const auto unit = unit_conversion(entry.unit.empty() ? point.type->unit : entry.unit, point.type->unit);
        if (!unit) {
            fault(device.code, fmt::format("profile `{}` line {}: {}", profile.name, entry.line, unit.error().what));
            return;
        }
        point.device = device.code;
        point.address = replaced(replaced(entry.address, "{code}", point.record_code), "{name}", point.type->name);
        point.conversion = {entry.scale * unit->scale, entry.offset * unit->scale + unit->offset};
        point.current_loop = entry.current_loop;
        point.writable = entry.writable && point.type->command.has_value();
        const auto poll_ms = entry.poll_ms != 0 ? entry.poll_ms : profile.poll_ms;
        if (point.expected_interval_ms == 0) {
            point.expected_interval_ms = poll_ms;
        }
        device.points.push_back({PointId{}, point.code, point.address, point.writable, poll_ms});
    }

    const records::Records& records_;
    const std::vector<Profile>& profiles_;
    Diagnostics& faults_;
    std::map<std::string, std::shared_ptr<PointDefinition>> points_;
    std::map<std::string, std::set<std::string>> codes_of_type_;
    std::vector<drivers::DeviceConfig> devices_;
};

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    const auto lowered = lower(text);
    std::size_t at = 0;
    while (at < lowered.size()) {
        const auto end = std::min(lowered.find(' ', at), lowered.size());
        if (end > at) {
            words.push_back(lowered.substr(at, end - at));
        }
        at = end + 1;
    }
    return words;
}

bool is_under(std::string_view code, std::string_view under) {
    return under.empty() || (code.starts_with(under) && (code.size() == under.size() || code[under.size()] == '.'));
}

bool matches(const Snapshot::Entry& entry, const PointQuery& query, const std::vector<std::string>& words) {
    const auto& point = *entry.point;
    return is_under(point.record_code, query.under) &&
           (query.record_type.empty() || point.record_type == query.record_type) &&
           (query.name.empty() || point.type->name == query.name) &&
           (query.device.empty() || point.device == query.device) && (!query.writable_only || point.writable) &&
           std::all_of(words.begin(), words.end(),
                       [&](const auto& word) { return entry.haystack.find(word) != std::string::npos; });
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> make_snapshot(const records::Records& records,
                                                      const std::vector<Profile>& profiles,
                                                      historian::SampleStore& samples, Diagnostics& faults) {
    Builder builder(records, profiles, faults);
    NUANSHU_TRY_VOID(builder.collect_points());
    NUANSHU_TRY_VOID(builder.bind_devices());
    return builder.freeze(samples);
}

telemetry::PointSettings settings_of(const PointDefinition& point) {
    telemetry::PointSettings settings;
    settings.point = point.id;
    settings.conversion = point.conversion;
    settings.expected_interval_ms = point.device.empty() ? 0 : point.expected_interval_ms;
    settings.rules.minimum = point.type->minimum;
    settings.rules.maximum = point.type->maximum;
    settings.rules.rate_per_s_max = point.type->rate_per_s_max;
    settings.rules.frozen_after_ms = point.type->frozen_after_ms;
    settings.rules.hampel_threshold = point.type->hampel_threshold;
    settings.rules.hampel_floor = 5 * std::pow(10.0, -point.type->decimals);
    settings.rules.current_loop = point.current_loop;
    return settings;
}

std::vector<std::shared_ptr<const PointDefinition>> find_points(const Snapshot& snapshot, const PointQuery& query) {
    const auto words = words_of(query.search);
    auto at = std::upper_bound(
        snapshot.by_code.begin(), snapshot.by_code.end(), query.after,
        [](const std::string& code, const Snapshot::Entry& entry) { return code < entry.point->code; });
    if (query.after.empty()) {
        at = snapshot.by_code.begin();
    }
    std::vector<std::shared_ptr<const PointDefinition>> found;
    for (; at != snapshot.by_code.end() && found.size() < query.limit; ++at) {
        if (matches(*at, query, words)) {
            found.push_back(at->point);
        }
    }
    return found;
}

}  // namespace nuanshu::points
