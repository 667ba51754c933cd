#include <cstdlib>

#include <boost/json.hpp>

#include "platform/http/src/json_writer.h"
#include "platform/http/src/routes.h"
#include "platform/http/src/url.h"

namespace {

using namespace nuanshu::http;

void require(bool so) {
    if (!so) {
        std::abort();
    }
}

/// Whatever is decoded is text, and written as JSON it reads back the same.
void check_decoding(std::string_view text) {
    const auto decoded = percent_decode(text);
    if (!decoded) {
        return;
    }
    require(is_utf8(*decoded));
    std::string written;
    append_text(written, *decoded);
    require(boost::json::parse(written).as_string() == *decoded);
}

}  // namespace

/// A target as it comes from anybody: path, query and list.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto routes = all_routes();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_decoding(text);
    const auto question = text.find('?');
    const auto found = match(routes, "GET", text.substr(0, question));
    if (found.route != nullptr && question != std::string_view::npos) {
        (void)read_query(*found.route, text.substr(question + 1));
    }
    (void)cookie_value(text, "nuanshu_session");
    std::string written;
    append_text(written, text);
    (void)boost::json::parse(written);
    return 0;
}
