#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "platform/http/src/context.h"

namespace nuanshu::http {

namespace net = boost::asio;

/// Counts the open connections of all shards and tells when the last is gone. Thread-safe.
class ConnectionCount {
 public:
    explicit ConnectionCount(Gauge& gauge) : gauge_(gauge) {}
    /// Also when over the limit, so that those being turned away are waited for too.
    std::size_t enter();
    void leave();
    /// Whether all had left before `patience` was over.
    bool wait_for_none(std::chrono::milliseconds patience);

 private:
    mutable std::mutex lock_;
    std::condition_variable changed_;
    std::size_t count_ = 0;
    Gauge& gauge_;
};

/// Threads for what waits. Passwords are looked at apart: each takes long, and anybody may send one, so that signing in
/// may be held up by a flood of attempts, but nothing else is.
struct Workers {
    explicit Workers(std::size_t threads) : general(threads), passwords(2), writers(2) {}
    void join() {
        general.join();
        passwords.join();
        writers.join();
    }

    net::thread_pool general;
    net::thread_pool passwords;
    net::thread_pool writers;  ///< of samples: they wait until the historian has them
};

/// One thread with its sockets. Whatever belongs to a connection runs here and needs no lock.
class Shard {
 public:
    Shard(Context& context, Workers& workers, ConnectionCount& count);
    ~Shard();

    void run();
    /// Lets connections end: those that only wait are interrupted, the others finish what they do. Any thread.
    void begin_stop();
    /// Ends the thread, whatever connections are left. @pre no worker will post to it any more
    void end();

    net::io_context& io() { return io_; }
    Context& context() { return context_; }
    Workers& workers() { return workers_; }
    ConnectionCount& count() { return count_; }

    /// Only on the shard's thread.
    bool is_stopping() const { return stopping_; }

    /// A connection's place in the list of those to interrupt. `interrupt` is called on the shard's thread, only when
    /// stopping.
    class Entry {
     public:
        Entry(Shard& shard, std::function<void()> interrupt);
        ~Entry();
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

     private:
        Shard& shard_;
        std::list<std::function<void()>>::iterator at_;
    };

 private:
    void interrupt_all();

    Context& context_;
    Workers& workers_;
    ConnectionCount& count_;
    std::list<std::function<void()>> interrupts_;
    bool stopping_ = false;
    std::thread thread_;
    net::io_context io_{1};  ///< last: its end ends the connections, which use all of the above
};

}  // namespace nuanshu::http
