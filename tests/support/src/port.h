#pragma once

namespace nuanshu::support {

/// Whether somebody takes connections on 127.0.0.1:port now.
bool port_answers(int port);

}  // namespace nuanshu::support
