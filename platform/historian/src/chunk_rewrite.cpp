#include "platform/historian/src/chunk_rewrite.h"

#include <algorithm>

#include <rocksdb/db.h>

#include "base/check.h"
#include "platform/historian/src/chunk.h"
#include "platform/historian/src/chunk_cursor.h"

namespace nuanshu::historian {
namespace {

void require(const rocksdb::Status& status) {
    NUANSHU_CHECK(status.ok(), "{}", status.ToString());
}

class Cutting {
 public:
    Cutting(const SampleFiles& files, Sealer::Rewrite& rewrite, PointId point, const ShowOld& old)
        : files_(files), rewrite_(rewrite), point_(point), old_(old) {}

    /// @pre the chunk overlaps the range
    Result<> cut(const ChunkCursor& at, const ChunkSummary& summary, std::int64_t first_ms, std::int64_t last_ms) {
        require(rewrite_.batch->Delete(files_.chunks(), chunk_key(point_, summary.first_ms)));
        rewrite_.samples_added -= summary.count;
        if (summary.first_ms >= first_ms && summary.last_ms <= last_ms) {
            take(summary.first_ms, at.bytes(), summary.count);
            cut_.touched.push_back({point_, summary.first_ms, summary.last_ms});
            return {};
        }
        Columns samples;
        NUANSHU_TRY_VOID(at.decode(samples));
        const ColumnsView all = samples.view();
        const std::size_t from = first_at_or_after(all, first_ms), to = first_after(all, last_ms);
        before_.append(all.part(0, from));
        after_.append(all.part(to, all.size()));
        if (const ColumnsView gone = all.part(from, to); !gone.empty()) {
            take(gone.time_ms.front(), encode_chunk(gone), gone.size());
            add_touched(cut_.touched, point_, gone.time_ms);
        }
        return {};
    }

    CutOut finish(ColumnsView replacement) {
        Columns rest = std::move(before_);
        rest.append(replacement);
        rest.append(after_.view());
        write(rest.view());
        add_touched(cut_.touched, point_, replacement.time_ms);
        return std::move(cut_);
    }

    std::uint64_t samples() const { return cut_.samples; }

 private:
    void take(std::int64_t first_ms, std::string_view chunk, std::size_t count) {
        cut_.samples += count;
        if (old_) {
            old_(first_ms, chunk);
        }
    }

    void write(ColumnsView samples) {
        const std::size_t count = (samples.size() + usual_chunk_samples - 1) / usual_chunk_samples;
        for (std::size_t i = 0; i < count; ++i) {
            const ColumnsView part = samples.part(samples.size() * i / count, samples.size() * (i + 1) / count);
            require(rewrite_.batch->Put(files_.chunks(), chunk_key(point_, part.time_ms.front()), encode_chunk(part)));
        }
        rewrite_.samples_added += static_cast<std::int64_t>(samples.size());
    }

    const SampleFiles& files_;
    Sealer::Rewrite& rewrite_;
    const PointId point_;
    const ShowOld& old_;
    Columns before_, after_;
    CutOut cut_;
};

}  // namespace

Result<CutOut> replace_samples(const SampleFiles& files, Sealer::Rewrite& rewrite, PointId point, std::int64_t first_ms,
                               std::int64_t last_ms, ColumnsView replacement, const ShowOld& old,
                               std::uint64_t samples_max) {
    Cutting cutting(files, rewrite, point, old);
    ChunkCursor cursor(files, point);
    for (cursor.seek(first_ms); cursor.valid() && cursor.first_ms() <= last_ms; cursor.next()) {
        NUANSHU_TRY(const auto summary, cursor.summary());
        if (summary.last_ms < first_ms) {
            continue;
        }
        NUANSHU_TRY_VOID(cutting.cut(cursor, summary, first_ms, last_ms));
        if (cutting.samples() > samples_max) {
            return fail(ErrorCode::exhausted, fmt::format("point {}", point.value),
                        "the range holds more than {} samples; divide it", samples_max);
        }
    }
    NUANSHU_TRY_VOID(cursor.fault());
    return cutting.finish(replacement);
}

}  // namespace nuanshu::historian
