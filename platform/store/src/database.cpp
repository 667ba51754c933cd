#include "platform/store/database.h"

#include <chrono>
#include <exception>
#include <thread>

#include "platform/store/src/connection_pool.h"

namespace nuanshu::store {
namespace {

constexpr int attempts_max = 8;
constexpr std::size_t sqlite_readers = 4;
constexpr std::size_t postgresql_connections = 8;

/// Undoes the transaction unless told that it was committed; also when `work` throws.
class RollbackAtEnd {
 public:
    explicit RollbackAtEnd(PooledConnection& connection) : connection_(connection) {}
    ~RollbackAtEnd() {
        if (!committed_) {
            connection_.rollback();
        }
    }
    RollbackAtEnd(const RollbackAtEnd&) = delete;
    RollbackAtEnd& operator=(const RollbackAtEnd&) = delete;
    void committed() { committed_ = true; }

 private:
    PooledConnection& connection_;
    bool committed_ = false;
};

/// The wait before attempt n: 2, 4, 8 … ms; the other one has usually ended by then.
void pause_before_attempt(int attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1 << attempt));
}

class PooledDatabase final : public Database {
 public:
    PooledDatabase(Dialect dialect, std::unique_ptr<ConnectionPool> writers, std::unique_ptr<ConnectionPool> readers)
        : dialect_(dialect), writers_(std::move(writers)), readers_(std::move(readers)) {}

    Dialect dialect() const override { return dialect_; }
    Result<> transaction(const std::function<Result<>(Connection&)>& work) override;
    Result<> read(const std::function<Result<>(Connection&)>& work) const override;

 private:
    enum class Next { done, try_again };
    Result<> attempt(const std::function<Result<>(Connection&)>& work, Next& next);
    ConnectionPool& readers() const { return readers_ ? *readers_ : *writers_; }

    Dialect dialect_;
    std::unique_ptr<ConnectionPool> writers_;
    std::unique_ptr<ConnectionPool> readers_;  ///< nothing when writers also read
};

Result<> PooledDatabase::attempt(const std::function<Result<>(Connection&)>& work, Next& next) {
    NUANSHU_TRY(const auto connection, writers_->take());
    if (auto begun = connection->begin(); !begun) {
        if (connection->lost()) {
            writers_->forget_idle();
        }
        next = connection->lost() || connection->worth_another_try() ? Next::try_again : Next::done;
        return begun;
    }
    RollbackAtEnd rollback(*connection);
    auto result = work(*connection);
    if (result) {
        result = connection->commit();
    }
    if (result) {
        rollback.committed();
    } else if (connection->worth_another_try()) {
        next = Next::try_again;
    }
    return result;
}

Result<> PooledDatabase::transaction(const std::function<Result<>(Connection&)>& work) {
    for (int number = 1;; ++number) {
        Next next = Next::done;
        auto result = attempt(work, next);
        if (result || next == Next::done || number == attempts_max) {
            return result;
        }
        pause_before_attempt(number);
    }
}

Result<> PooledDatabase::read(const std::function<Result<>(Connection&)>& work) const {
    for (bool first = true;; first = false) {
        NUANSHU_TRY(const auto connection, readers().take());
        auto result = work(*connection);
        if (result || !connection->lost() || !first) {
            return result;
        }
        readers().forget_idle();
    }
}

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path) {
    if (path.empty() || path.find('=') != std::string::npos || path.starts_with(":memory:")) {
        return fail(ErrorCode::invalid, "database",
                    "`sqlite://{}`: wanted sqlite://path/to/file.db, without `=` in the path", path);
    }
    auto writers = std::make_unique<ConnectionPool>(1, [path] { return connect_sqlite(path, Access::write); });
    auto readers =
        std::make_unique<ConnectionPool>(sqlite_readers, [path] { return connect_sqlite(path, Access::read_only); });
    NUANSHU_TRY_VOID(writers->take());  // makes the file, or says why not
    return std::make_unique<PooledDatabase>(Dialect::sqlite, std::move(writers), std::move(readers));
}

Result<std::unique_ptr<Database>> open_postgresql(const std::string& url) {
    auto pool = std::make_unique<ConnectionPool>(postgresql_connections, [url] { return connect_postgresql(url); });
    NUANSHU_TRY_VOID(pool->take());
    return std::make_unique<PooledDatabase>(Dialect::postgresql, std::move(pool), nullptr);
}

}  // namespace

Result<std::unique_ptr<Database>> open_database(const std::string& url) {
    constexpr std::string_view sqlite_scheme = "sqlite://";
    if (url.starts_with(sqlite_scheme)) {
        return open_sqlite(url.substr(sqlite_scheme.size()));
    }
    if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
        return open_postgresql(url);
    }
    return fail(ErrorCode::invalid, "database",
                "wanted sqlite://path/to/file.db or postgresql://user:password@host:port/name");
}

}  // namespace nuanshu::store
