#include "platform/telemetry/src/figures.h"

#include <string>

namespace nuanshu::telemetry {
namespace {

constexpr std::array qualities = {
    Quality::good,          Quality::manual, Quality::estimated,   Quality::spike,      Quality::rate_of_change,
    Quality::frozen,        Quality::late,   Quality::range,       Quality::wire_break, Quality::not_a_number,
    Quality::communication, Quality::gap,    Quality::device_fault};

}  // namespace

Figures::Figures(Metrics& metrics, std::size_t shards)
    : refused_batches(
          metrics.counter("nuanshu_telemetry_refused_batches_total", "Batches refused because a queue was full.")),
      store_retries(
          metrics.counter("nuanshu_telemetry_store_retries_total", "Appends tried again after the historian refused.")),
      store_seconds(metrics.histogram("nuanshu_telemetry_store_seconds", "Time of one append to the historian.")),
      samples_(metrics.counter("nuanshu_telemetry_samples_total", "Samples judged.")),
      unknown_(metrics.counter("nuanshu_telemetry_unknown_samples_total",
                               "Samples dropped because their point is not known.")) {
    for (std::size_t i = 0; i < shards; ++i) {
        queue_samples.push_back(&metrics.gauge("nuanshu_telemetry_queue_samples",
                                               "Samples taken in and not yet stored.", {{"shard", std::to_string(i)}}));
    }
    for (const auto quality : qualities) {
        by_quality_.push_back(&metrics.counter("nuanshu_telemetry_quality_total", "Samples judged, by verdict.",
                                               {{"quality", std::string(to_string(quality))}}));
    }
}

void Figures::add(const Round& round) {
    std::uint64_t samples = 0;
    for (std::size_t i = 0; i < qualities.size(); ++i) {
        const auto count = round.by_quality[static_cast<std::uint8_t>(qualities[i])];
        samples += count;
        if (count > 0) {
            by_quality_[i]->add(count);
        }
    }
    samples_.add(samples);
    unknown_.add(round.unknown);
}

}  // namespace nuanshu::telemetry
