#include "cli/src/series_writer.h"

#include <cmath>
#include <cstdio>
#include <iterator>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/core.h>

#include "base/time.h"

namespace nuanshu::cli {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

/// Text on its way to stdout, in large pieces.
class Out {
 public:
    ~Out() { std::fwrite(text_.data(), 1, text_.size(), stdout); }

    template <class... Args>
    void put(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
        if (text_.size() >= piece_bytes) {
            std::fwrite(text_.data(), 1, text_.size(), stdout);
            text_.clear();
        }
    }

 private:
    std::string text_;
};

std::string quoted(const std::string& text) {
    return boost::json::serialize(boost::json::string(text));
}

std::string json_number(double number) {
    return std::isfinite(number) ? fmt::format("{}", number) : "null";
}

void put_json_row(Out& out, const historian::QueriedSeries& series, std::size_t row, const AnswerNames& names) {
    out.put(R"({{"{}":{},"time":"{}")", names.windows ? "from_ms" : "time_ms", series.time_ms[row],
            format_time(series.time_ms[row]));
    for (std::size_t i = 0; i < series.figures.size(); ++i) {
        out.put(",{}:{}", quoted(names.figures[i]), json_number(series.figures[i][row]));
    }
    if (!series.error.empty()) {
        out.put(R"(,"error":{})", json_number(series.error[row]));
    }
    out.put(R"(,"quality":"{}"}})", to_string(series.quality[row]));
}

void put_text_row(Out& out, const historian::QueriedSeries& series, std::size_t row) {
    out.put("{:<24}", format_time(series.time_ms[row]));
    for (const auto& figure : series.figures) {
        out.put(" {:>16}", std::isnan(figure[row]) ? "-" : fmt::format("{:.10g}", figure[row]));
    }
    if (!series.error.empty()) {
        out.put(" {:>12}", std::isnan(series.error[row]) ? "" : fmt::format("± {:.3g}", series.error[row]));
    }
    out.put("  {}\n", to_string(series.quality[row]));
}

}  // namespace

void print_series_json(const historian::SampleStore& store, const std::vector<historian::QueriedSeries>& answer,
                       const AnswerNames& names) {
    Out out;
    out.put(R"({{"series":[)");
    for (std::size_t i = 0; i < answer.size(); ++i) {
        const auto& series = answer[i];
        out.put(R"({}{{"point":{},"truncated":{},"rows":[)", i > 0 ? "," : "", quoted(store.code_of(series.point)),
                series.truncated);
        for (std::size_t row = 0; row < series.time_ms.size(); ++row) {
            out.put("{}", row > 0 ? "," : "");
            put_json_row(out, series, row, names);
        }
        out.put("]}}");
    }
    out.put("]}}\n");
}

void print_series_text(const historian::SampleStore& store, const std::vector<historian::QueriedSeries>& answer,
                       const AnswerNames& names) {
    Out out;
    for (const auto& series : answer) {
        out.put("{}\n{:<24}", store.code_of(series.point), "time");
        for (const auto& name : names.figures) {
            out.put(" {:>16}", name);
        }
        out.put("  quality\n");
        for (std::size_t row = 0; row < series.time_ms.size(); ++row) {
            put_text_row(out, series, row);
        }
        if (series.truncated) {
            out.put("… there are more; --limit raises the bound, --window sums up\n");
        }
    }
}

}  // namespace nuanshu::cli
