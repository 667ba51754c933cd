#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace nuanshu::http {

struct ClientAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;

    const std::string& header(const std::string& name) { return headers[name]; }
};

using Headers = std::map<std::string, std::string>;

/// One kept-alive connection to 127.0.0.1. Whatever does not come within ten seconds throws.
class Client {
 public:
    explicit Client(int port);
    ~Client();

    ClientAnswer ask(std::string_view method, std::string_view target, std::string_view body = {},
                     const Headers& headers = {});
    /// Sends these bytes as they are …
    void send(std::string_view bytes);
    /// … and reads one answer.
    ClientAnswer receive();
    /// Reads until the server closes; what had come until then.
    std::string read_to_end();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A live connection. Whatever does not come within ten seconds throws.
class LiveClient {
 public:
    /// Throws when the handshake is refused: its status is in the text.
    LiveClient(int port, const std::string& target, const Headers& headers = {});
    ~LiveClient();

    void send(std::string_view text);
    std::string receive();
    /// Reads on until a frame with this `op` comes.
    std::string receive_op(std::string_view op);
    /// Whether the server has ended it; reads away what comes before.
    bool is_ended();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace nuanshu::http
