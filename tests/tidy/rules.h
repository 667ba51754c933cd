#pragma once

#include "base/diagnostic.h"
#include "tests/tidy/house.h"

namespace nuanshu::tidy {

// Each rule appends what it finds, with file, line and what to do instead.

/// Other rooms are entered by their doors, and only those that DEPENDS names; DEPENDS names no room that is not
/// entered.
void check_doors(const House& house, Diagnostics& faults);
/// Floors depend downward only, rooms never in a ring, engines on base and engines alone, an app on another only as its
/// app.yaml says.
void check_floors(const House& house, Diagnostics& faults);
/// Doors show std, fmt, tl::expected and our own headers; heavy libraries stay behind them.
void check_light_doors(const House& house, Diagnostics& faults);
/// `#pragma once`, own header first, README.md in every room.
void check_form(const House& house, Diagnostics& faults);
/// No `{` after `co_await` on its line: GCC 12 destroys such temporaries twice. No `co_await` in conditions, where it
/// lays frames out wrongly.
void check_coroutines(const House& house, Diagnostics& faults);
/// Engines read no clock, file, socket or thread.
void check_engines_are_pure(const House& house, Diagnostics& faults);
/// Nothing but platform/commands writes to a device.
void check_only_commands_write(const House& house, Diagnostics& faults);
/// No left-over notes, no swallowed exceptions, no machine's own paths.
void check_leftovers(const House& house, Diagnostics& faults);

Diagnostics check_all(const House& house);

}  // namespace nuanshu::tidy
