#include <gtest/gtest.h>

#include "platform/records/src/records_fixture_for_tests.h"
#include "tests/support/postgres.h"
#include "tests/support/process.h"

namespace nuanshu::records {

EmptyDatabase make_empty_database(store::Dialect dialect) {
    if (dialect == store::Dialect::postgresql) {
        return {support::Postgres::shared().create_database(), nullptr};
    }
    const auto folder = std::make_shared<support::TemporaryDirectory>();
    return {"sqlite://" + folder->path() + "/test.db", folder};
}

}  // namespace nuanshu::records
