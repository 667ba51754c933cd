#include <algorithm>
#include <array>
#include <unordered_map>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parser.hpp>
#include <fmt/format.h>

#include "engines/network/read.h"
#include "engines/network/src/fields.h"
#include "engines/network/src/suggest.h"

namespace nuanshu::network {
namespace {

namespace json = boost::json;

constexpr std::size_t faults_max = 1000;

/// Where in the file a value stands; spelled out only for a message.
struct Place {
    const Place* outer = nullptr;
    std::string_view name;
    const json::object* element = nullptr;  ///< an element of the list `name`, told by its id
    std::size_t index = 0;

    std::string text() const {
        const std::string outside = outer == nullptr ? "" : outer->text();
        const std::string before = outside.empty() ? "" : outside + ".";
        if (element == nullptr) {
            return before + std::string(name);
        }
        const auto* id = element->if_contains("id");
        return id != nullptr && id->is_string() ? before + std::string(id->as_string())
                                                : fmt::format("{}{}", before, index);
    }
};

/// What all parts of one reading share.
struct Reader {
    Reading result;
    std::string file;
    std::unordered_map<std::string_view, NodeIndex> nodes;
    std::unordered_map<std::string_view, std::int32_t> pipes;

    void fault(const Place& place, std::string_view field, std::string text) {
        if (result.faults.size() < faults_max) {
            const std::string before = place.text();
            result.faults.push_back(
                {file, 0, before.empty() ? std::string(field) : fmt::format("{}.{}", before, field), std::move(text)});
        }
    }
};

std::string_view kind_of(const json::value& value) {
    constexpr std::array<std::string_view, 8> kinds = {"null",     "true or false", "a number", "a number",
                                                       "a number", "a text",        "a list",   "an object"};
    return kinds.at(static_cast<std::size_t>(value.kind()));
}

std::string shortened(std::string_view text) {
    return std::string(text.substr(0, 60));
}

template <class E>
void read_element(Reader& reader, const Place& place, const json::object& object, E& element);

/// Reads the fields of one object into one struct; says what is missing, of the wrong kind or not known.
template <class E>
class FieldReader {
 public:
    FieldReader(Reader& reader, const Place& place, const json::object& object, E& element)
        : reader_(reader), place_(place), object_(object), element_(element) {}

    template <class T>
    void operator()(std::string_view name, T E::*member, Need need = Need::optional) {
        if (const auto* value = find(name, need)) {
            read(name, *value, element_.*member);
        }
    }
    void node(std::string_view name, NodeIndex E::*member, Need need = Need::optional) {
        if (const auto* value = find(name, need)) {
            element_.*member = position(name, *value, reader_.nodes, "node");
        }
    }
    void pipe(std::string_view name, std::int32_t E::*member, Need need = Need::optional) {
        if (const auto* value = find(name, need)) {
            element_.*member = position(name, *value, reader_.pipes, "pipe");
        }
    }
    std::size_t found() const { return found_; }

 private:
    const json::value* find(std::string_view name, Need need) {
        const auto* value = object_.if_contains(name);
        if (value != nullptr) {
            ++found_;
        } else if (need == Need::required) {
            reader_.fault(place_, name, "is missing");
        }
        return value;
    }

    void wrong_kind(std::string_view name, const json::value& value, std::string_view wanted) {
        reader_.fault(place_, name, fmt::format("is {}; {} is wanted", kind_of(value), wanted));
    }

    std::int32_t position(std::string_view name, const json::value& value,
                          const std::unordered_map<std::string_view, std::int32_t>& known, std::string_view what) {
        if (!value.is_string()) {
            wrong_kind(name, value, fmt::format("the id of a {}", what));
            return 0;
        }
        const auto at = known.find(std::string_view(value.as_string()));
        if (at == known.end()) {
            reader_.fault(place_, name,
                          fmt::format("there is no {} `{}` in {}s", what, shortened(value.as_string()), what));
            return 0;
        }
        return at->second;
    }

    void read(std::string_view name, const json::value& value, double& out) {
        if (value.is_double()) {
            out = value.get_double();
        } else if (value.is_int64()) {
            out = static_cast<double>(value.get_int64());
        } else if (value.is_uint64()) {
            out = static_cast<double>(value.get_uint64());
        } else {
            wrong_kind(name, value, "a number");
        }
    }
    void read(std::string_view name, const json::value& value, std::optional<double>& out) {
        if (!value.is_null()) {
            read(name, value, out.emplace());
        }
    }
    void read(std::string_view name, const json::value& value, bool& out) {
        if (value.is_bool()) {
            out = value.get_bool();
        } else {
            wrong_kind(name, value, "true or false");
        }
    }
    void read(std::string_view name, const json::value& value, std::string& out) {
        if (value.is_string()) {
            out = std::string_view(value.get_string());
        } else {
            wrong_kind(name, value, "a text");
        }
    }
    template <class T>
    void read(std::string_view name, const json::value& value, T& out) {
        if constexpr (std::is_enum_v<T>) {
            read_word(name, value, out);
        } else if (const auto* object = value.if_object()) {
            const Place inner{&place_, name};
            read_element(reader_, inner, *object, out);
        } else {
            wrong_kind(name, value, "an object");
        }
    }
    template <class T>
    void read_word(std::string_view name, const json::value& value, T& out) {
        const auto words = words_of<T>();
        if (!value.is_string()) {
            wrong_kind(name, value, fmt::format("one of {}", fmt::join(words, ", ")));
            return;
        }
        const std::string_view read(value.get_string());
        const auto at = std::find(words.begin(), words.end(), read);
        if (at == words.end()) {
            reader_.fault(place_, name, fmt::format("`{}` is not known{}", shortened(read), suggestion(read, words)));
        } else {
            out = static_cast<T>(at - words.begin());
        }
    }
    template <class T>
    void read(std::string_view name, const json::value& value, std::vector<T>& out) {
        const auto* list = value.if_array();
        if (list == nullptr) {
            wrong_kind(name, value, "a list");
            return;
        }
        out.resize(list->size());
        const Place place{&place_, name};
        for (std::size_t i = 0; i < list->size(); ++i) {
            read_member(place, (*list)[i], i, out[i]);
        }
        if constexpr (std::is_same_v<T, Node>) {
            index(out, reader_.nodes);
        } else if constexpr (std::is_same_v<T, Pipe>) {
            index(out, reader_.pipes);
        }
    }
    template <class T>
    void read_member(const Place& place, const json::value& value, std::size_t i, T& out) {
        if constexpr (std::is_same_v<T, double>) {
            read(place.name, value, out);
        } else if (const auto* object = value.if_object()) {
            read_element(reader_, Place{&place, "", object, i}, *object, out);
        } else {
            reader_.fault(place, std::to_string(i), fmt::format("is {}; an object is wanted", kind_of(value)));
        }
    }
    template <class T>
    static void index(const std::vector<T>& elements, std::unordered_map<std::string_view, std::int32_t>& positions) {
        positions.reserve(elements.size());
        for (std::size_t i = 0; i < elements.size(); ++i) {
            positions.emplace(elements[i].id, static_cast<std::int32_t>(i));
        }
    }

    Reader& reader_;
    const Place& place_;
    const json::object& object_;
    E& element_;
    std::size_t found_ = 0;
};

/// The names of an element's fields, for finding the ones that are none.
class FieldNames {
 public:
    template <class Member>
    void operator()(std::string_view name, Member, Need = Need::optional) {
        names.push_back(name);
    }
    template <class Member>
    void node(std::string_view name, Member, Need = Need::optional) {
        names.push_back(name);
    }
    template <class Member>
    void pipe(std::string_view name, Member, Need = Need::optional) {
        names.push_back(name);
    }
    std::vector<std::string_view> names;
};

template <class E>
void report_unknown(Reader& reader, const Place& place, const json::object& object) {
    FieldNames known;
    describe(known, Of<E>{});
    for (const auto& [name, value] : object) {
        const std::string_view read(name);
        if (std::find(known.names.begin(), known.names.end(), read) == known.names.end()) {
            reader.fault(place, shortened(read), "is no field of it" + suggestion(read, known.names));
        }
    }
}

template <class E>
void read_element(Reader& reader, const Place& place, const json::object& object, E& element) {
    FieldReader<E> fields(reader, place, object, element);
    describe(fields, Of<E>{});
    if (fields.found() != object.size()) {
        report_unknown<E>(reader, place, object);
    }
}

}  // namespace

Reading read_json(std::string_view text, const std::string& file) {
    Reader reader;
    reader.file = file;
    json::monotonic_resource memory(text.size() * 3 + 4096);
    json::parser parser(&memory);
    boost::system::error_code error;
    const auto consumed = parser.write_some(text.data(), text.size(), error);
    const auto rest = std::min(text.find_first_not_of(" \t\r\n", consumed), text.size());
    if (error || rest < text.size()) {
        const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(rest), '\n');
        reader.result.faults.push_back(
            {file, static_cast<int>(line), "",
             error ? fmt::format("is no JSON: {}", error.message()) : "something follows the end of the network"});
        return std::move(reader.result);
    }
    const auto value = parser.release();
    if (const auto* object = value.if_object()) {
        read_element(reader, Place{}, *object, reader.result.network);
    } else {
        reader.result.faults.push_back({file, 1, "", fmt::format("is {}; a network is an object", kind_of(value))});
    }
    return std::move(reader.result);
}

}  // namespace nuanshu::network
