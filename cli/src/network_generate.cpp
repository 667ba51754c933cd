#include <memory>
#include <string>
#include <string_view>

#include "cli/src/network.h"
#include "cli/src/network_files.h"
#include "engines/network/generate.h"
#include "engines/network/write.h"

namespace nuanshu::cli {
namespace {

struct GenerateOptions {
    network::GenerateSettings settings;
    std::string consumers_as = "heat";
    std::string out = "-";
};

network::ConsumersAs consumers_as(std::string_view word) {
    return word == "flow"    ? network::ConsumersAs::flow
           : word == "valve" ? network::ConsumersAs::valve
                             : network::ConsumersAs::heat;
}

Result<> generate(GenerateOptions options) {
    options.settings.consumers_as = consumers_as(options.consumers_as);
    return write_text(options.out, network::write_json(network::generate(options.settings)));
}

}  // namespace

void add_network_generate(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("generate", "a plausible city, supply and return: 生成示例城市热网");
    auto options = std::make_shared<GenerateOptions>();
    auto& settings = options->settings;
    command->add_option("--consumers", settings.consumers, "heat stations or house connections")
        ->capture_default_str()
        ->check(CLI::Range(1, 1'000'000));
    command->add_option("--seed", settings.seed, "the same seed gives the same city")->capture_default_str();
    command->add_option("--loops", settings.loops, "closed rings of the mains")
        ->capture_default_str()
        ->check(CLI::Range(0, 1'000'000));
    command->add_option("--sources", settings.sources, "heat sources")
        ->capture_default_str()
        ->check(CLI::Range(1, 100));
    command->add_option("--consumers-as", options->consumers_as, "what they ask for: heat, flow or valve")
        ->capture_default_str()
        ->check(CLI::IsMember({"heat", "flow", "valve"}));
    command->add_option("-o,--out", options->out, "JSON file; -: standard output")->capture_default_str();
    command->callback([&request, options] { request.work = [options] { return generate(*options); }; });
}

}  // namespace nuanshu::cli
