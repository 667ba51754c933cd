#include <array>
#include <charconv>
#include <optional>
#include <type_traits>

#include <fmt/core.h>

#include "engines/network/src/fields.h"
#include "engines/network/write.h"

namespace nuanshu::network {
namespace {

void append(std::string& out, double number) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_escaped(std::string& out, char c) {
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
        out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
        out += c;
    }
}

void append(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        append_escaped(out, c);
    }
    out += '"';
}

template <class E>
void append_element(std::string& out, const E& element, const Network& network);

/// Values compare; of lists and structs it shows after writing whether they are empty.
template <class T>
constexpr bool compares = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, std::string> ||
                          std::is_same_v<T, std::optional<double>>;

template <class T>
bool same(const T& a, const T& b) {
    if constexpr (compares<T>) {
        return a == b;
    } else {
        return false;
    }
}

/// Writes the fields of one element that differ from `defaults`.
template <class E>
class FieldWriter {
 public:
    FieldWriter(std::string& out, const E& element, const Network& network)
        : out_(out), element_(element), network_(network) {}

    template <class T>
    void operator()(std::string_view name, T E::*member, Need need = Need::optional) {
        const T& value = element_.*member;
        if (need == Need::optional && same(value, defaults_.*member)) {
            return;
        }
        const auto before = out_.size();
        begin(name);
        const auto start = out_.size();
        write(value);
        const std::string_view written(out_.data() + start, out_.size() - start);
        if (need == Need::optional && (written == "{}" || written == "[]")) {
            out_.resize(before);
        }
    }
    void node(std::string_view name, NodeIndex E::*member, Need = Need::optional) {
        if (element_.*member >= 0) {
            begin(name);
            append(out_, network_.nodes[static_cast<std::size_t>(element_.*member)].id);
        }
    }
    void pipe(std::string_view name, std::int32_t E::*member, Need = Need::optional) {
        if (element_.*member >= 0) {
            begin(name);
            append(out_, network_.pipes[static_cast<std::size_t>(element_.*member)].id);
        }
    }

 private:
    static constexpr bool is_network = std::is_same_v<E, Network>;

    void begin(std::string_view name) {
        if (out_.back() != '{') {
            out_ += ',';
        }
        if constexpr (is_network) {
            out_ += '\n';
        }
        append(out_, name);
        out_ += ':';
    }

    void write(double value) { append(out_, value); }
    void write(bool value) { out_ += value ? "true" : "false"; }
    void write(const std::string& value) { append(out_, value); }
    void write(const std::optional<double>& value) { append(out_, *value); }
    template <class T>
    void write(const T& value) {
        if constexpr (std::is_enum_v<T>) {
            append(out_, words_of<T>()[static_cast<std::size_t>(value)]);
        } else {
            append_element(out_, value, network_);
        }
    }
    template <class T>
    void write(const std::vector<T>& values) {
        out_ += '[';
        for (std::size_t i = 0; i < values.size(); ++i) {
            out_ += i > 0 ? "," : "";
            if constexpr (is_network) {
                out_ += '\n';
            }
            write(values[i]);
        }
        out_ += ']';
    }

    std::string& out_;
    const E& element_;
    const Network& network_;
    const E defaults_{};
};

template <class E>
void append_element(std::string& out, const E& element, const Network& network) {
    out += '{';
    FieldWriter<E> writer(out, element, network);
    describe(writer, Of<E>{});
    out += '}';
}

}  // namespace

std::string write_json(const Network& network) {
    std::string out;
    out.reserve(network.nodes.size() * 90 + network.pipes.size() * 160 + network.consumers.size() * 140);
    append_element(out, network, network);
    out += '\n';
    return out;
}

}  // namespace nuanshu::network
