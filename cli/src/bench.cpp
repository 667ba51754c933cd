#include <memory>

#include "cli/src/bench_historian.h"
#include "cli/src/bench_history.h"
#include "cli/src/bench_ingest.h"
#include "cli/src/bench_publish.h"
#include "cli/src/subcommands.h"

namespace nuanshu::cli {
namespace {

void add_ingest(CLI::App& bench, Request& request) {
    auto* command =
        bench.add_subcommand("ingest", "publishers → broker → platform → screen and disk, over real sockets");
    auto options = std::make_shared<IngestOptions>();
    command->add_option("--devices", options->devices, "Sparkplug devices")
        ->capture_default_str()
        ->check(CLI::Range(1, 100'000));
    command->add_option("--points", options->points, "points of each")
        ->capture_default_str()
        ->check(CLI::Range(1, 5'000));
    command->add_option("--seconds", options->seconds, "how long data is published")
        ->capture_default_str()
        ->check(CLI::Range(1, 3'600));
    command->add_option("--rate", options->rate, "points a second; 0: as fast as it goes")->capture_default_str();
    command->add_option("--kills", options->kills, "kill the platform this often meanwhile; `lost` must stay 0")
        ->capture_default_str()
        ->check(CLI::Range(0, 1'000));
    command->add_option("--publishers", options->publishers, "publishing processes")
        ->capture_default_str()
        ->check(CLI::Range(1, 16));
    command->callback([&request, options] { request.work = [options] { return bench_ingest(*options); }; });
}

void add_history(CLI::App& bench, Request& request) {
    auto* command = bench.add_subcommand("history", "years of known samples put into a store, to try long trends on");
    auto options = std::make_shared<HistoryOptions>();
    command->add_option("--data", options->directory, "the store: STATE_DIR/samples, with no platform running on it")
        ->required();
    command->add_option("--points", options->points, "codes, with commas between")->required()->delimiter(',');
    command->add_option("--days", options->days, "how many")->capture_default_str()->check(CLI::Range(1, 10'000));
    command->add_option("--every", options->every_s, "seconds from sample to sample")
        ->capture_default_str()
        ->check(CLI::Range(1, 86'400));
    command->add_option("--until", options->until_s, "Unix seconds; the last full hour when not given");
    command->callback([&request, options] { request.work = [options] { return bench_history(*options); }; });
}

/// The benchmark's own publishing process; not shown in the help.
void add_publish(CLI::App& bench, Request& request) {
    auto* command = bench.add_subcommand("publish", "")->group("");
    auto options = std::make_shared<PublishOptions>();
    command->add_option("--port", options->port);
    command->add_option("--edge-node", options->edge_node);
    command->add_option("--devices", options->devices);
    command->add_option("--points", options->points);
    command->add_option("--seconds", options->seconds);
    command->add_option("--rate", options->rate);
    command->add_option("--start-ms", options->start_ms);
    command->callback([&request, options] { request.work = [options] { return publish(*options); }; });
}

void add_historian_bench(CLI::App& bench, Request& request) {
    auto* command = bench.add_subcommand("historian", "the sample store alone: append, scan, queries, bytes a sample");
    auto options = std::make_shared<HistorianBenchOptions>();
    command->add_option("--points", options->points)->capture_default_str()->check(CLI::Range(1, 1'000'000));
    command->add_option("--samples", options->samples, "of each point")
        ->capture_default_str()
        ->check(CLI::Range(1, 100'000));
    command->add_option("--batch", options->batch, "samples an append")
        ->capture_default_str()
        ->check(CLI::Range(1, 1'000'000));
    command->add_option("--folder", options->folder, "where the files lie meanwhile; removed afterwards");
    command->callback([&request, options] { request.work = [options] { return bench_historian(*options); }; });
}

void add_plant_text(CLI::App& bench, Request& request) {
    auto* command = bench.add_subcommand("samples", "the mix of samples that imports are measured with, as text");
    auto options = std::make_shared<SampleTextOptions>();
    command->add_option("--points", options->points)->capture_default_str()->check(CLI::Range(1, 1'000'000));
    command->add_option("--samples", options->samples, "of each point")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000'000));
    command->add_option("--format", options->format, "csv or line")
        ->capture_default_str()
        ->check(CLI::IsMember({"csv", "line"}));
    command->callback([&request, options] { request.work = [options] { return print_plant_text(*options); }; });
}

}  // namespace

void add_bench(CLI::App& app, Request& request) {
    auto* bench = app.add_subcommand("bench", "measurements, printed as JSON")->require_subcommand(1)->fallthrough();
    add_ingest(*bench, request);
    add_historian_bench(*bench, request);
    add_plant_text(*bench, request);
    add_history(*bench, request);
    add_publish(*bench, request);
}

}  // namespace nuanshu::cli
