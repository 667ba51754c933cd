#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "engines/network/network.h"

/// Networks from text: our own JSON, EPANET's .inp, pandapipes' JSON and GeoJSON lines. All readers are pure: the text
/// comes from the caller, the file's name is only for messages. They find all faults, not the first; with faults, the
/// network is not to be used. What they leave out of a file and why stands in `notes`. Readers check what they need for
/// reading; validate() checks the rest.
namespace nuanshu::network {

struct Reading {
    Network network;
    Diagnostics faults;
    Diagnostics notes;
};

/// Our own form: network.schema.json; fields named and measured as in network.h, links name their nodes by id, absent
/// fields have the struct's defaults. Unknown fields are faults. At most 2 GiB.
Reading read_json(std::string_view text, const std::string& file);

/// The JSON Schema (draft 7) of that form; engines/network/network.schema.json is this text.
std::string json_schema();

}  // namespace nuanshu::network
