// Rates and latencies of records in SQLite, on the machine's own disk: what an import and a list page cost.

#include <filesystem>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "platform/records/expression.h"
#include "platform/records/records.h"

namespace nuanshu::records {
namespace {

std::vector<Type> types() {
    Type station;
    station.name = "station";
    for (int i = 0; i < 12; ++i) {
        Field field;
        field.name = fmt::format("field_{}", i);
        field.kind = i % 2 == 0 ? FieldKind::number : FieldKind::text;
        station.fields.push_back(field);
    }
    return {station};
}

std::vector<Record> stations(std::size_t count, double value) {
    std::vector<Record> records(count);
    for (std::size_t i = 0; i < count; ++i) {
        records[i].type = "station";
        records[i].code = fmt::format("xc.s01.n1.h{:06}", i);
        records[i].title = fmt::format("换热站 {}", i);
        for (int field = 0; field < 12; ++field) {
            const double shifted = value + static_cast<double>(i % 977) + field;
            records[i].fields[fmt::format("field_{}", field)] =
                field % 2 == 0 ? FieldValue(shifted) : FieldValue(fmt::format("text {}", shifted));
        }
    }
    return records;
}

/// A database in a folder of its own, removed at the end.
class Store {
 public:
    Store() {
        std::filesystem::create_directories(folder_);
        Diagnostics faults;
        registry_ = TypeRegistry::create(types(), faults);
        database_ = value_or_throw(store::open_database("sqlite://" + (folder_ / "bench.db").string()));
        records_ = value_or_throw(Records::open(*database_, registry_, clock_));
    }
    ~Store() {
        records_.reset();
        database_.reset();
        std::filesystem::remove_all(folder_);
    }
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    Records& records() { return *records_; }

 private:
    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / fmt::format("nuanshu-bench-{}", ::getpid());
    SystemClock clock_;
    TypeRegistry registry_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<Records> records_;
};

void BM_upsert_new(benchmark::State& state) {
    const auto batch = stations(static_cast<std::size_t>(state.range(0)), 0.0);
    for (auto _ : state) {
        state.PauseTiming();
        auto store = std::make_unique<Store>();
        state.ResumeTiming();
        benchmark::DoNotOptimize(value_or_throw(store->records().upsert(batch)));
        state.PauseTiming();
        store.reset();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_upsert_new)->ArgName("records")->Arg(10'000)->Unit(benchmark::kMillisecond);

void BM_upsert_changed(benchmark::State& state) {
    Store store;
    double value = 0.0;
    for (auto _ : state) {
        state.PauseTiming();
        const auto batch = stations(static_cast<std::size_t>(state.range(0)), ++value);
        state.ResumeTiming();
        benchmark::DoNotOptimize(value_or_throw(store.records().upsert(batch)));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_upsert_changed)->ArgName("records")->Arg(10'000)->Unit(benchmark::kMillisecond);

void BM_upsert_unchanged(benchmark::State& state) {
    Store store;
    const auto batch = stations(static_cast<std::size_t>(state.range(0)), 0.0);
    value_or_throw(store.records().upsert(batch));
    for (auto _ : state) {
        benchmark::DoNotOptimize(value_or_throw(store.records().upsert(batch)));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_upsert_unchanged)->ArgName("records")->Arg(10'000)->Unit(benchmark::kMillisecond);

/// One page of 100 out of 100 000 records, a different place each time.
void list_pages(benchmark::State& state, const Query& query) {
    Store store;
    value_or_throw(store.records().upsert(stations(100'000, 0.0)));
    Query next = query;
    next.after = value_or_throw(store.records().list("station", next)).next;  // opens the connection
    for (auto _ : state) {
        auto page = value_or_throw(store.records().list("station", next));
        next.after = page.next;
        benchmark::DoNotOptimize(page);
    }
}
void BM_page_by_code(benchmark::State& state) {
    list_pages(state, {});
}
void BM_page_by_field(benchmark::State& state) {
    list_pages(state, {.sort = {{"field_4", true}}});
}
void BM_page_filtered(benchmark::State& state) {
    list_pages(state, {.filter = "field_0 > 500 && field_1.startsWith('text 9')"});
}
void BM_page_searched(benchmark::State& state) {
    list_pages(state, {.search = "站 999"});
}
BENCHMARK(BM_page_by_code)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_page_by_field)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_page_filtered)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_page_searched)->Unit(benchmark::kMillisecond);

void BM_evaluate_interlock(benchmark::State& state) {
    const auto interlock =
        value_or_throw(Expression::parse("pump_running == 1 && value < 80 && parent.supply_pressure > 0.25"));
    const auto resolve = [](std::string_view name) -> Result<ExpressionValue> {
        return name == "parent.supply_pressure" ? 0.6 : 1.0;
    };
    for (auto _ : state) {
        benchmark::DoNotOptimize(interlock.evaluate(resolve));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_evaluate_interlock);

}  // namespace
}  // namespace nuanshu::records
