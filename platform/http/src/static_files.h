#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/http/src/message.h"

namespace nuanshu::http {

/// A file of the web pages, below `directory` and nowhere else.
///
/// A path that names no file gets index.html when a browser asks for a page (the app has routes of its own) and 404
/// otherwise. A file with `.br` or `.gz` beside it is sent so compressed to whoever takes that. Files under /assets/
/// have their content's hash in the name and may be kept for ever; everything else is asked for again, with an ETag.
/// Dot files and symbolic links leading out are refused.
Reply serve_file(const std::string& directory, const Request& request);

/// By the file name's ending; "application/octet-stream" for unknown ones.
std::string_view content_type_of(std::string_view file_name);

}  // namespace nuanshu::http
