#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/check.h"
#include "tests/support/process.h"

namespace nuanshu::support {

TemporaryDirectory::TemporaryDirectory() {
    path_ = (std::filesystem::temp_directory_path() / "nuanshu-test-XXXXXX").string();
    NUANSHU_CHECK(::mkdtemp(path_.data()) != nullptr, "no temporary folder {}", path_);
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, "")) {}

TemporaryDirectory& TemporaryDirectory::operator=(TemporaryDirectory&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
}

TemporaryDirectory::~TemporaryDirectory() {
    if (!path_.empty()) {
        std::error_code ignored_when_gone;
        std::filesystem::remove_all(path_, ignored_when_gone);
    }
}

}  // namespace nuanshu::support
