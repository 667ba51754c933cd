#include "platform/historian/src/sample_chain.h"

namespace nuanshu::historian {

void NodePool::extend(SampleChain& chain, std::int64_t time_ms) {
    SampleNode* node = free_;
    if (node != nullptr) {
        free_ = node->next;
    } else {
        if (untouched_ == 0) {
            owned_.push_back(std::make_unique_for_overwrite<SampleNode[]>(nodes_at_once));
            untouched_ = nodes_at_once;
        }
        node = &owned_.back()[nodes_at_once - untouched_--];
    }
    node->start(time_ms);
    (chain.last == nullptr ? chain.first : chain.last->next) = node;
    chain.last = node;
    ++chain.nodes;
    ++in_use_;
}

void NodePool::give_back(SampleChain& chain) {
    if (chain.nodes > 0) {
        chain.last->next = free_;
        free_ = chain.first;
        in_use_ -= chain.nodes;
        chain = {};
    }
}

}  // namespace nuanshu::historian
