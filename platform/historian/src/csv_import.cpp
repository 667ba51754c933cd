#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "platform/historian/csv.h"
#include "platform/historian/src/csv_lines.h"
#include "platform/historian/src/text_blocks.h"

namespace nuanshu::historian {
namespace {

constexpr unsigned threads_max = 8;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Threads take pieces of the text in turn, read them at the same time, and append what they gave in the pieces' order,
/// so that the later one of two lines wins.
class Import {
 public:
    Import(TextBlocks text, const std::string& path, SampleStore& store, const ImportSettings& settings,
           const std::stop_token& stop)
        : text_(std::move(text)), path_(path), store_(store), settings_(settings), stop_(stop) {}

    Result<ImportResult> run() {
        std::vector<std::jthread> helpers;
        for (unsigned i = 1; i < thread_count(); ++i) {
            helpers.emplace_back([this] { work(); });
        }
        work();
        helpers.clear();
        if (!error_ && stop_.stop_requested()) {
            error_ = stopped();  // the text may have ended only because its writer was stopped too
        }
        if (error_) {
            return tl::unexpected<Error>(std::move(*error_));
        }
        return std::move(result_);
    }

 private:
    struct Piece {
        std::uint64_t number = 0;
        std::string text;
    };

    unsigned thread_count() const {
        const unsigned wanted = settings_.threads > 0 ? settings_.threads : std::thread::hardware_concurrency();
        return std::clamp(wanted, 1U, threads_max);
    }

    void work() {
        CodeTable codes;
        while (const auto piece = take_piece()) {
            auto lines = read_csv_lines(body_of(*piece), codes, settings_.faults_max);
            auto named = name_points(codes, lines);
            finish(*piece, lines, std::move(named));
        }
    }

    std::optional<Piece> take_piece() {
        const std::lock_guard lock(reading_);
        if (ended_ || failed()) {
            return std::nullopt;
        }
        auto text = text_.next();
        if (!text) {
            fail_with(std::move(text.error()));
            return std::nullopt;
        }
        ended_ = text->empty();
        return ended_ ? std::nullopt : std::optional(Piece{pieces_++, std::move(*text)});
    }

    /// The first piece without byte-order mark and header; the header's line still counts.
    std::string_view body_of(const Piece& piece) const {
        std::string_view text = piece.text;
        if (piece.number > 0) {
            return text;
        }
        text.remove_prefix(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
        const std::size_t end = std::min(text.find('\n'), text.size());
        return is_csv_header(text.substr(0, end)) ? text.substr(end) : text;
    }

    /// Gives the codes that the samples name for the first time to the store, and the samples their points.
    Result<> name_points(CodeTable& codes, CsvLines& lines) {
        auto& entries = codes.entries();
        std::vector<std::uint32_t> unknown;
        std::vector<std::string> names;
        for (const auto& sample : lines.samples) {
            if (auto& entry = entries[sample.point.value]; !entry.point && !entry.asked) {
                entry.asked = true;
                unknown.push_back(sample.point.value);
                names.push_back(entry.code);
            }
        }
        if (!names.empty()) {
            NUANSHU_TRY(const auto points, store_.intern(names));
            for (std::size_t i = 0; i < points.size(); ++i) {
                entries[unknown[i]].point = points[i];
            }
        }
        for (auto& sample : lines.samples) {
            sample.point = entries[sample.point.value].point;
        }
        return {};
    }

    /// Waits for the piece's turn. Every piece that was taken gets one.
    void finish(const Piece& piece, const CsvLines& lines, Result<> named) {
        std::unique_lock lock(appending_);
        turn_changed_.wait(lock, [&] { return turn_ == piece.number; });
        if (!failed()) {
            auto stored = named ? append(piece, lines) : std::move(named);
            if (!stored) {
                fail_with(std::move(stored.error()));
            }
        }
        ++turn_;
        turn_changed_.notify_all();
    }

    Result<> append(const Piece& piece, const CsvLines& lines) {
        if (stop_.stop_requested()) {
            return tl::unexpected<Error>(stopped());
        }
        NUANSHU_TRY_VOID(store_.append(lines.samples));
        result_.samples += lines.samples.size();
        result_.lines += lines.lines_filled;
        result_.bad_lines += lines.bad_lines;
        for (const auto& fault : lines.faults) {
            if (result_.faults.size() < settings_.faults_max) {
                result_.faults.push_back(
                    {path_, static_cast<int>(lines_before_) + fault.line, fault.field, fault.text});
            }
        }
        lines_before_ += lines.lines;
        bytes_ += piece.text.size();
        if (settings_.progress) {
            settings_.progress({.bytes = bytes_, .bytes_total = text_.bytes_total(), .samples = result_.samples});
        }
        return {};
    }

    Error stopped() const {
        return {ErrorCode::cancelled, path_,
                fmt::format("stopped on request after {} samples; importing it again is safe", result_.samples)};
    }

    bool failed() const { return failed_.load(std::memory_order_relaxed); }

    void fail_with(Error error) {
        const std::lock_guard lock(failing_);
        if (!error_) {
            error_ = std::move(error);
        }
        failed_ = true;
    }

    TextBlocks text_;
    const std::string& path_;
    SampleStore& store_;
    const ImportSettings& settings_;
    const std::stop_token& stop_;

    std::mutex reading_;  ///< text_, ended_, pieces_
    bool ended_ = false;
    std::uint64_t pieces_ = 0;

    std::mutex appending_;  ///< turn_, result_, lines_before_, bytes_
    std::condition_variable turn_changed_;
    std::uint64_t turn_ = 0;
    ImportResult result_;
    std::uint64_t lines_before_ = 0;
    std::uint64_t bytes_ = 0;

    std::mutex failing_;  ///< error_
    std::atomic<bool> failed_{false};
    std::optional<Error> error_;
};

}  // namespace

Result<ImportResult> import_csv(const std::string& path, SampleStore& store, const ImportSettings& settings,
                                std::stop_token stop) {
    NUANSHU_TRY(auto text, TextBlocks::open(path));
    return Import(std::move(text), path, store, settings, stop).run();
}

}  // namespace nuanshu::historian
