#pragma once

#include <map>

#include "platform/apps/packages.h"
#include "platform/apps/src/document.h"

namespace nuanshu::apps {

/// Points of one quantity, by the name an app gives it.
using Quantities = std::map<std::string, records::PointType>;

// Each reads one document that follows its schema; faults a schema cannot find are appended.
App read_app(const Document& document);
Quantities read_quantities(const Document& document, Diagnostics& faults);
records::Type read_type(const Document& document, const App& app, const Quantities& quantities, Diagnostics& faults);
points::Profile read_profile(const Document& document, const App& app, Diagnostics& faults);

}  // namespace nuanshu::apps
