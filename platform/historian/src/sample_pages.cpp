#include "platform/historian/src/sample_pages.h"

#include "platform/historian/query.h"

namespace nuanshu::historian {

Result<bool> read_page(const SampleStore& store, PointId point, TimeRange& rest, std::vector<StoredSample>& page) {
    page.clear();
    if (rest.to_ms <= rest.from_ms) {
        return false;
    }
    NUANSHU_TRY(page, store.read(point, rest, page_samples));
    rest.from_ms = page.size() < page_samples ? rest.to_ms : page.back().time_ms + 1;
    return !page.empty();
}

Result<std::span<const StoredSample>> SampleReader::next() {
    NUANSHU_TRY_VOID(read_page(store_, point_, range_, page_));
    return std::span<const StoredSample>(page_);
}

}  // namespace nuanshu::historian
