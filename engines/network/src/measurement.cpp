#include "engines/network/measurement.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "engines/network/src/element_ids.h"
#include "engines/network/src/suggest.h"

namespace nuanshu::network {
namespace {

constexpr std::array<std::string_view, 5> quantity_words = {"pressure_pa", "temperature_c", "inflow_kg_s",
                                                            "mass_flow_kg_s", "differential_pressure_pa"};
constexpr std::array<std::string_view, 6> column_words = {"meter", "element", "id", "quantity", "value", "sigma"};
constexpr std::array<std::string_view, 6> kind_words = {"node", "pipe", "pump", "valve", "source", "consumer"};
enum Column : std::size_t { meter, element, id, quantity, value, sigma, column_count };
constexpr std::size_t rows_max = 1'000'000;
constexpr std::size_t faults_max = 1000;

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\"");
    return begin == text.npos ? std::string_view() : text.substr(begin, text.find_last_not_of(" \t\r\"") - begin + 1);
}

std::vector<std::string_view> cells_of(std::string_view line) {
    std::vector<std::string_view> cells;
    for (std::size_t begin = 0; begin <= line.size();) {
        const auto end = std::min(line.find(',', begin), line.size());
        cells.push_back(trimmed(line.substr(begin, end - begin)));
        begin = end + 1;
    }
    return cells;
}

std::optional<double> number_of(std::string_view text) {
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(number) ? std::optional(number)
                                                                                             : std::nullopt;
}

bool at_node(Measured quantity) {
    return quantity == Measured::pressure_pa || quantity == Measured::temperature_c ||
           quantity == Measured::inflow_kg_s;
}

class MeasurementReader {
 public:
    MeasurementReader(std::string file, const Network& network)
        : file_(std::move(file)), network_(network), ids_(network) {}

    MeasurementReading read(std::string_view text) {
        text.remove_prefix(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
        for (std::size_t begin = 0; begin < text.size();) {
            const auto end = std::min(text.find('\n', begin), text.size());
            ++line_;
            take_line(trimmed(text.substr(begin, end - begin)));
            begin = end + 1;
        }
        if (!columns_) {
            fault("", "is empty; a header is wanted: meter,element,id,quantity,value,sigma");
        } else if (result_.measurements.empty() && result_.faults.empty()) {
            fault("", "holds no measurement");
        }
        return std::move(result_);
    }

 private:
    void fault(std::string_view field, std::string text) {
        if (result_.faults.size() < faults_max) {
            result_.faults.push_back({file_, line_, std::string(field), std::move(text)});
        }
    }

    void take_line(std::string_view line) {
        if (line.empty() || line.starts_with('#')) {
            return;
        }
        if (!columns_) {
            take_header(cells_of(line));
        } else if (result_.measurements.size() >= rows_max) {
            fault("", fmt::format("more than {} measurements", rows_max));
        } else {
            take_row(cells_of(line));
        }
    }

    void take_header(const std::vector<std::string_view>& cells) {
        columns_.emplace();
        columns_->fill(cells.size());
        width_ = cells.size();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto at = std::find(column_words.begin(), column_words.end(), cells[i]);
            if (at == column_words.end()) {
                fault(cells[i].substr(0, 60), "is no column" + suggestion(cells[i], column_words));
            } else {
                (*columns_)[static_cast<std::size_t>(at - column_words.begin())] = i;
            }
        }
        for (std::size_t column = element; column < column_count; ++column) {
            if ((*columns_)[column] == cells.size()) {
                fault(column_words[column], "this column is missing in the header");
            }
        }
        usable_ = result_.faults.empty();
    }

    void take_row(const std::vector<std::string_view>& cells) {
        if (!usable_) {
            return;
        }
        if (cells.size() != width_) {
            fault("", fmt::format("{} cells; {} are wanted", cells.size(), width_));
            return;
        }
        const auto cell = [&](Column column) { return cells[(*columns_)[column]]; };
        const auto before = result_.faults.size();
        Measurement row;
        row.element = element_of(cell(element), cell(id));
        row.quantity = quantity_of(cell(quantity));
        row.value = number(cell(value), "value");
        row.sigma = number(cell(sigma), "sigma");
        row.meter = (*columns_)[meter] < width_ ? std::string(cell(meter)) : std::string();
        if (row.meter.empty()) {
            row.meter = fmt::format("{}.{}.{}", cell(element), cell(id), cell(quantity));
        }
        if (result_.faults.size() == before) {
            check(row);
        }
    }

    void check(Measurement& row) {
        std::vector<Measurement> one;
        one.push_back(std::move(row));
        for (auto& each : check_measurements(one, network_)) {
            fault(each.field, std::move(each.text));
        }
        result_.measurements.push_back(std::move(one.front()));
    }

    Element element_of(std::string_view kind_word, std::string_view id_word) {
        const auto kind = element_kind_of(kind_word);
        if (!kind) {
            fault("element", fmt::format("`{}` is no kind of element{}", kind_word.substr(0, 60),
                                         suggestion(kind_word, kind_words)));
            return {};
        }
        const auto index = ids_.find(*kind, id_word);
        if (!index) {
            fault("id", fmt::format("there is no {} `{}` in the network", kind_word, id_word.substr(0, 60)));
        }
        return {*kind, index.value_or(0)};
    }

    Measured quantity_of(std::string_view word) {
        const auto at = std::find(quantity_words.begin(), quantity_words.end(), word);
        if (at == quantity_words.end()) {
            fault("quantity", fmt::format("`{}` is not known{}", word.substr(0, 60), suggestion(word, quantity_words)));
            return Measured::pressure_pa;
        }
        return static_cast<Measured>(at - quantity_words.begin());
    }

    double number(std::string_view text, std::string_view column) {
        const auto number = number_of(text);
        if (!number) {
            fault(column, fmt::format("`{}` is no number", text.substr(0, 60)));
        }
        return number.value_or(1.0);
    }

    std::string file_;
    const Network& network_;
    ElementIds ids_;
    MeasurementReading result_;
    std::optional<std::array<std::size_t, column_count>> columns_;
    std::size_t width_ = 0;
    bool usable_ = false;
    int line_ = 0;
};

/// What is wrong with one measurement; empty texts: nothing.
struct Wrong {
    std::string_view field;
    std::string text;
};

Wrong wrong_with(const Measurement& one, const Network& network) {
    const bool node = one.element.kind == ElementKind::node;
    if (one.element.kind == ElementKind::leak || one.element.kind == ElementKind::tank) {
        return {"element", fmt::format("no meter stands at a {}", to_string(one.element.kind))};
    }
    if (one.element.index < 0 || static_cast<std::size_t>(one.element.index) >= count_of(network, one.element.kind)) {
        return {"id", "there is no such element"};
    }
    if (at_node(one.quantity) != node) {
        return {"quantity", fmt::format("{} is measured {}", to_string(one.quantity),
                                        node ? "along an element, not at a node" : "at a node, not along an element")};
    }
    if (one.quantity == Measured::inflow_kg_s &&
        !network.nodes[static_cast<std::size_t>(one.element.index)].held_pressure_pa) {
        return {"quantity",
                "no pressure is held at this node, so no make-up enters; name the node with held_pressure_pa"};
    }
    if (!(one.sigma > 0.0) || !std::isfinite(one.sigma) || !std::isfinite(one.value)) {
        return {"sigma",
                fmt::format("{} is not positive; give the standard deviation of the meter's error", one.sigma)};
    }
    return {};
}

}  // namespace

std::string_view to_string(Measured quantity) {
    return quantity_words.at(static_cast<std::size_t>(quantity));
}

MeasurementReading read_measurements(std::string_view text, const std::string& file, const Network& network) {
    return MeasurementReader(file, network).read(text);
}

Diagnostics check_measurements(const std::vector<Measurement>& measurements, const Network& network) {
    Diagnostics faults;
    for (std::size_t i = 0; i < measurements.size() && faults.size() < faults_max; ++i) {
        if (auto wrong = wrong_with(measurements[i], network); !wrong.text.empty()) {
            faults.push_back({"", static_cast<int>(i + 1), std::string(wrong.field), std::move(wrong.text)});
        }
    }
    return faults;
}

}  // namespace nuanshu::network
