#include <memory>

#include "cli/src/network.h"
#include "cli/src/network_files.h"
#include "engines/network/write.h"

namespace nuanshu::cli {
namespace {

struct ConvertOptions {
    std::string from, to, as;
    NetworkFileOptions file;
};

/// What the target's name ends with, where the form is not said.
std::string form_of(const ConvertOptions& options) {
    if (!options.as.empty()) {
        return options.as;
    }
    const auto dot = options.to.rfind('.');
    const auto ending = dot == std::string::npos ? std::string() : options.to.substr(dot + 1);
    return ending == "inp" || ending == "geojson" ? ending : "json";
}

Result<> convert(const ConvertOptions& options) {
    // A map of lines is converted to be completed by hand: what is missing is said, and no reason to refuse it.
    auto file = options.file;
    file.check = false;
    NUANSHU_TRY(const auto net, read_network(options.from, file));
    if (!options.file.quiet) {
        print_diagnostics(network::validate(net), say("to do: ", "待补充："));
    }
    const auto form = form_of(options);
    if (form == "geojson") {
        return write_text(options.to, network::write_geojson(net));
    }
    if (form == "json") {
        return write_text(options.to, network::write_json(net));
    }
    Diagnostics notes;
    const auto text = network::write_epanet(net, notes);
    if (!options.file.quiet) {
        print_diagnostics(notes, say("note: ", "提示："));
    }
    return write_text(options.to, text);
}

}  // namespace

void add_network_convert(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("convert", "any form to JSON, EPANET .inp or GeoJSON: 格式转换");
    auto options = std::make_shared<ConvertOptions>();
    add_network_file(*command, options->from, options->file);
    command->add_option("to", options->to, "its ending says the form: .json, .inp or .geojson; -: standard output")
        ->required();
    command->add_option("--as", options->as, "the form, whatever the name ends with")
        ->check(CLI::IsMember({"json", "inp", "geojson"}));
    command->callback([&request, options] { request.work = [options] { return convert(*options); }; });
}

}  // namespace nuanshu::cli
