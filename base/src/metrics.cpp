#include "base/metrics.h"

#include <map>
#include <mutex>
#include <variant>

#include <fmt/core.h>

namespace nuanshu {

void Histogram::observe(double seconds) {
    std::size_t i = 0;
    while (i < bounds_s.size() && seconds > bounds_s[i]) {
        ++i;
    }
    buckets_[i].fetch_add(1, std::memory_order_relaxed);
    sum_s_.fetch_add(seconds, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
    return cumulative(bounds_s.size());
}

std::uint64_t Histogram::cumulative(std::size_t i) const {
    std::uint64_t sum = 0;
    for (std::size_t k = 0; k <= i; ++k) {
        sum += buckets_[k].load(std::memory_order_relaxed);
    }
    return sum;
}

namespace {

std::string escape_label(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::string label_text(const MetricLabels& labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
        text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, escape_label(value));
    }
    return text;
}

std::string braced(const std::string& labels) {
    return labels.empty() ? "" : "{" + labels + "}";
}

using Series =
    std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>, std::function<double()>>;

struct Family {
    std::string help;
    std::string type;
    std::map<std::string, Series> series;  ///< by label text
};

void render_histogram(std::string& out, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
    const auto prefix = labels.empty() ? "" : labels + ",";
    for (std::size_t i = 0; i < Histogram::bounds_s.size(); ++i) {
        out +=
            fmt::format("{}_bucket{{{}le=\"{}\"}} {}\n", name, prefix, Histogram::bounds_s[i], histogram.cumulative(i));
    }
    const auto count = histogram.count();
    out += fmt::format("{}_bucket{{{}le=\"+Inf\"}} {}\n", name, prefix, count);
    out += fmt::format("{}_sum{} {}\n{}_count{} {}\n", name, braced(labels), histogram.sum_s(), name, braced(labels),
                       count);
}

void render_series(std::string& out, const std::string& name, const std::string& labels, const Series& series) {
    if (const auto* counter = std::get_if<std::unique_ptr<Counter>>(&series)) {
        out += fmt::format("{}{} {}\n", name, braced(labels), (*counter)->value());
    } else if (const auto* gauge = std::get_if<std::unique_ptr<Gauge>>(&series)) {
        out += fmt::format("{}{} {}\n", name, braced(labels), (*gauge)->value());
    } else if (const auto* read = std::get_if<std::function<double()>>(&series)) {
        out += fmt::format("{}{} {}\n", name, braced(labels), (*read)());
    } else {
        render_histogram(out, name, labels, *std::get<std::unique_ptr<Histogram>>(series));
    }
}

}  // namespace

struct Metrics::Impl {
    mutable std::mutex lock;
    std::map<std::string, Family> families;

    Series& find(const std::string& name, const std::string& help, const char* type, const MetricLabels& labels) {
        auto& family = families[name];
        family.help = help;
        family.type = type;
        return family.series[label_text(labels)];
    }

    template <class T>
    T& find_or_make(const std::string& name, const std::string& help, const char* type, const MetricLabels& labels) {
        const std::scoped_lock guard(lock);
        auto& series = find(name, help, type, labels);
        auto* held = std::get_if<std::unique_ptr<T>>(&series);
        if (held == nullptr || !*held) {
            series = std::make_unique<T>();
            held = std::get_if<std::unique_ptr<T>>(&series);
        }
        return **held;
    }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(const std::string& name, const std::string& help, const MetricLabels& labels) {
    return impl_->find_or_make<Counter>(name, help, "counter", labels);
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const MetricLabels& labels) {
    return impl_->find_or_make<Gauge>(name, help, "gauge", labels);
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const MetricLabels& labels) {
    return impl_->find_or_make<Histogram>(name, help, "histogram", labels);
}

void Metrics::gauge_from(const std::string& name, const std::string& help, const MetricLabels& labels,
                         std::function<double()> read) {
    const std::scoped_lock guard(impl_->lock);
    impl_->find(name, help, "gauge", labels) = std::move(read);
}

std::string Metrics::render() const {
    const std::scoped_lock guard(impl_->lock);
    std::string out;
    for (const auto& [name, family] : impl_->families) {
        out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, family.help, name, family.type);
        for (const auto& [labels, series] : family.series) {
            render_series(out, name, labels, series);
        }
    }
    return out;
}

}  // namespace nuanshu
