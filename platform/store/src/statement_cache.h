#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace nuanshu::store {

/// The prepared statements of one connection by their SQL; the longest unused one goes when there are more than
/// `capacity`.
template <class Statement>
class StatementCache {
 public:
    explicit StatementCache(std::size_t capacity) : capacity_(capacity) {}

    /// The statement for `sql`, made by `prepare()` when there is none. It stays valid until the next call.
    template <class Prepare>
    Statement& get(std::string_view sql, Prepare prepare) {
        if (const auto found = by_sql_.find(sql); found != by_sql_.end()) {
            newest_first_.splice(newest_first_.begin(), newest_first_, found->second);
            return found->second->second;
        }
        newest_first_.emplace_front(std::string(sql), prepare());
        by_sql_.emplace(newest_first_.front().first, newest_first_.begin());
        if (newest_first_.size() > capacity_) {
            by_sql_.erase(newest_first_.back().first);
            newest_first_.pop_back();
        }
        return newest_first_.front().second;
    }

    void forget(std::string_view sql) {
        if (const auto found = by_sql_.find(sql); found != by_sql_.end()) {
            const auto entry = found->second;
            by_sql_.erase(found);
            newest_first_.erase(entry);
        }
    }

    void clear() {
        by_sql_.clear();
        newest_first_.clear();
    }

 private:
    using Entry = std::pair<const std::string, Statement>;

    std::size_t capacity_;
    std::list<Entry> newest_first_;
    std::unordered_map<std::string_view, typename std::list<Entry>::iterator> by_sql_;
};

}  // namespace nuanshu::store
