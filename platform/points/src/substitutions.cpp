#include "platform/points/substitutions.h"

#include <array>

namespace nuanshu::points {
namespace {

using store::Connection;
using store::SqlValue;

class StoredSubstitutions final : public Substitutions {
 public:
    StoredSubstitutions(store::Database& database, const Catalogue& catalogue, telemetry::Pipeline& pipeline,
                        const Clock& clock)
        : database_(database), catalogue_(catalogue), pipeline_(pipeline), clock_(clock) {}

    Result<> make_table() {
        return write(R"sql(CREATE TABLE IF NOT EXISTS substitution (
            point TEXT PRIMARY KEY, value DOUBLE PRECISION NOT NULL, "user" TEXT NOT NULL, since_ms BIGINT NOT NULL))sql",
                     {});
    }

    Result<> put(const PointDefinition& point, double value, std::string_view user) override {
        const std::array<SqlValue, 4> row = {point.code, value, std::string(user), clock_.now_ms()};
        NUANSHU_TRY_VOID(write(R"sql(INSERT INTO substitution (point, value, "user", since_ms) VALUES (:1, :2, :3, :4)
            ON CONFLICT (point) DO UPDATE SET value = excluded.value, "user" = excluded."user", since_ms = excluded.since_ms)sql",
                               row));
        pipeline_.substitute(point.id, value);
        return {};
    }

    Result<> release(const PointDefinition& point) override {
        const std::array<SqlValue, 1> code = {point.code};
        NUANSHU_TRY_VOID(write("DELETE FROM substitution WHERE point = :1", code));
        pipeline_.release(point.id);
        return {};
    }

    Result<> restore() override {
        return database_.read([this](Connection& connection) -> Result<> {
            NUANSHU_TRY(const auto rows, connection.query("SELECT point, value FROM substitution"));
            for (const auto& row : rows) {
                if (const auto point = catalogue_.find(std::get<std::string>(row[0]))) {
                    pipeline_.substitute(point->id, std::get<double>(row[1]));
                }
            }
            return {};
        });
    }

 private:
    Result<> write(std::string_view sql, std::span<const SqlValue> parameters) {
        return database_.transaction([&](Connection& connection) -> Result<> {
            NUANSHU_TRY_VOID(connection.execute(sql, parameters));
            return {};
        });
    }

    store::Database& database_;
    const Catalogue& catalogue_;
    telemetry::Pipeline& pipeline_;
    const Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<Substitutions>> Substitutions::open(store::Database& database, const Catalogue& catalogue,
                                                           telemetry::Pipeline& pipeline, const Clock& clock) {
    auto substitutions = std::make_unique<StoredSubstitutions>(database, catalogue, pipeline, clock);
    NUANSHU_TRY_VOID(substitutions->make_table());
    return std::unique_ptr<Substitutions>(std::move(substitutions));
}

}  // namespace nuanshu::points
