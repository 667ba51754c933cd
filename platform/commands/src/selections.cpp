#include "platform/commands/src/selections.h"

#include <algorithm>
#include <random>

namespace nuanshu::commands {
namespace {

/// An expired selection is remembered this long, so that its owner is told why it is gone.
constexpr std::int64_t remember_expired_ms = 300'000;

std::string new_id() {
    std::random_device random;
    std::string id;
    for (int i = 0; i < 4; ++i) {
        id += fmt::format("{:08x}", random());
    }
    return id;
}

}  // namespace

Result<Selection> Selections::keep(Held held, std::int64_t now_ms) {
    const std::scoped_lock guard(lock_);
    drop_expired(now_ms);
    drop_oldest_of(held.user);
    if (held_.size() >= held_max) {
        return fail(ErrorCode::exhausted, held.selection.point,
                    "{} selections wait to be executed; try again in half a minute", held_max);
    }
    held.selection.id = new_id();
    return held_.emplace(held.selection.id, std::move(held)).first->second.selection;
}

Result<Selections::Held> Selections::find(std::string_view user, std::string_view id, std::int64_t now_ms) const {
    const std::scoped_lock guard(lock_);
    const auto at = held_.find(id);
    if (at == held_.end()) {
        return fail(ErrorCode::not_found, "selection",
                    "there is no such selection, or it was executed; select the value again");
    }
    const auto& held = at->second;
    if (held.user != user) {
        return fail(ErrorCode::conflict, held.selection.point, "somebody else selected this value; select it yourself");
    }
    if (now_ms >= held.selection.expires_ms) {
        return fail(ErrorCode::conflict, held.selection.point, "the selection has expired; select the value again");
    }
    return held;
}

bool Selections::use(std::string_view id) {
    const std::scoped_lock guard(lock_);
    const auto at = held_.find(id);
    if (at == held_.end()) {
        return false;
    }
    held_.erase(at);
    return true;
}

void Selections::drop_expired(std::int64_t now_ms) {
    std::erase_if(held_,
                  [&](const auto& each) { return now_ms >= each.second.selection.expires_ms + remember_expired_ms; });
}

void Selections::drop_oldest_of(std::string_view user) {
    auto oldest = held_.end();
    std::size_t count = 0;
    for (auto at = held_.begin(); at != held_.end(); ++at) {
        if (at->second.user != user) {
            continue;
        }
        ++count;
        if (oldest == held_.end() || at->second.selected_ms < oldest->second.selected_ms) {
            oldest = at;
        }
    }
    if (count >= held_by_one_max) {
        held_.erase(oldest);
    }
}

}  // namespace nuanshu::commands
