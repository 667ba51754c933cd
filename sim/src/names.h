#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Invented names as a northern Chinese city has them.
namespace nuanshu::sim {

/// `count` different residential quarters (小区), shuffled by the seed: 锦绣花园, 春晖嘉苑 …
std::vector<std::string> quarter_names(std::size_t count, std::uint64_t seed);

/// Streets running north–south (…街) and east–west (…路).
std::string avenue_name(std::size_t column);
std::string road_name(std::size_t row);

}  // namespace nuanshu::sim
