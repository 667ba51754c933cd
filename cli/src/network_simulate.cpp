#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>

#include <fmt/core.h>
#include <unistd.h>

#include "cli/src/network_dynamics.h"
#include "cli/src/network_files.h"
#include "cli/src/plot.h"
#include "cli/src/stop_signals.h"
#include "engines/network/simulate.h"

namespace nuanshu::cli {
namespace {

using network::Quantity;

constexpr std::size_t plotted_max = 12;
constexpr std::size_t lines_max = 40;

struct SimulateOptions {
    std::string path, scenario, out, plot, snapshot, from;
    NetworkFileOptions file;
};

struct FileCloser {
    void operator()(std::FILE* file) const {
        if (file != stdout) {
            std::fclose(file);
        }
    }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

/// Rows as CSV, written as they come.
class CsvRows {
 public:
    static Result<CsvRows> open(const std::string& path) {
        CsvRows rows;
        rows.path_ = path;
        if (!path.empty()) {
            rows.file_.reset(path == "-" ? stdout : std::fopen(path.c_str(), "w"));
            if (!rows.file_) {
                return fail(ErrorCode::unavailable, path, "cannot be written");
            }
        }
        return rows;
    }
    void put_header(const std::vector<std::string>& names) {
        if (file_) {
            fmt::print(file_.get(), "time_s");
            for (const auto& name : names) {
                fmt::print(file_.get(), ",{}", name);
            }
            fmt::print(file_.get(), "\n");
        }
    }
    void put(double time_s, std::span<const double> values) {
        if (file_) {
            fmt::print(file_.get(), "{}", time_s);
            for (const double value : values) {
                fmt::print(file_.get(), ",{:.10g}", value);
            }
            fmt::print(file_.get(), "\n");
        }
    }
    Result<> finish() {
        if (file_ && (std::fflush(file_.get()) != 0 || std::ferror(file_.get()) != 0)) {
            return fail(ErrorCode::unavailable, path_, "not all could be written; is the disk full?");
        }
        return {};
    }

 private:
    std::string path_;
    File file_;
};

/// What a run showed, for the table and the picture.
struct Course {
    std::vector<std::string> names;
    std::vector<double> time_s;
    std::vector<std::vector<double>> values;  ///< by output
};

/// A share done, on stderr where a person looks.
void show_progress(double share) {
    static const bool person = isatty(fileno(stderr)) != 0;
    if (person) {
        fmt::print(stderr, "\r{:3.0f} %", 100.0 * share);
        std::fflush(stderr);
    }
}

/// The network's own values and every source's, where the scenario asks for nothing.
void ask_for_the_usual(network::Scenario& scenario, const network::Network& net) {
    if (!scenario.outputs.empty()) {
        return;
    }
    for (const auto quantity : {Quantity::network_source_heat_w, Quantity::network_consumer_heat_w,
                                Quantity::network_heat_loss_w, Quantity::network_make_up_kg_s}) {
        scenario.outputs.push_back({quantity, 0});
    }
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(net.sources.size()); ++i) {
        for (const auto quantity : {Quantity::source_mass_flow_kg_s, Quantity::source_supply_temperature_c,
                                    Quantity::source_return_temperature_c, Quantity::source_heat_w}) {
            scenario.outputs.push_back({quantity, i});
        }
    }
}

std::string unit_of(std::string_view name) {
    const auto field = name.substr(name.rfind('.') + 1);
    for (const std::string_view unit :
         {"temperature_c", "mass_flow_kg_s", "make_up_kg_s", "heat_w", "loss_w", "_pa", "_j"}) {
        if (field.ends_with(unit)) {
            return std::string(unit);
        }
    }
    return std::string(field);
}

Result<> plot_course(const Course& course, const std::string& title, const std::string& file) {
    LinePlot plot;
    plot.title = title.empty() ? std::string(say("simulation", "动态仿真")) : title;
    plot.x_title = say("time, h:min", "时间，时:分");
    plot.x_is_seconds = true;
    const auto warm = std::find_if(course.names.begin(), course.names.end(),
                                   [](const std::string& name) { return unit_of(name) == "temperature_c"; });
    const auto unit = unit_of(warm != course.names.end() ? *warm : course.names.front());
    plot.y_title = unit == "temperature_c" ? std::string(say("temperature, °C", "温度，°C")) : unit;
    for (std::size_t i = 0; i < course.names.size() && plot.series.size() < plotted_max; ++i) {
        if (unit_of(course.names[i]) == unit) {
            plot.series.push_back({.name = course.names[i],
                                   .x = course.time_s,
                                   .y = course.values[i],
                                   .colour = series_colour(plot.series.size())});
        }
    }
    return plot_lines(plot, file);
}

void print_courses(const Course& course) {
    fmt::print("\n{} {:>14} {:>14} {:>14} {:>14}\n", padded(say("output", "输出量"), 44), say("begin", "开始"),
               say("min", "最小"), say("max", "最大"), say("end", "结束"));
    for (std::size_t i = 0; i < std::min(course.names.size(), lines_max); ++i) {
        const auto& values = course.values[i];
        const auto [min, max] = std::minmax_element(values.begin(), values.end());
        fmt::print("{} {:>14.6g} {:>14.6g} {:>14.6g} {:>14.6g}\n", padded(course.names[i], 44), values.front(), *min,
                   *max, values.back());
    }
    if (course.names.size() > lines_max) {
        fmt::print("{} {}\n", course.names.size() - lines_max,
                   say("more: --out FILE has them all", "项未列出，用 --out 写入文件"));
    }
}

void print_table(const network::Simulation& simulation, const Course& course, double elapsed_s) {
    const auto account = simulation.account();
    const auto line = [](std::string_view english, std::string_view chinese, const std::string& value) {
        fmt::print("{} {:>16}\n", padded(say(english, chinese), 36), value);
    };
    const auto gj = [](double joule) { return fmt::format("{:.3f}", joule / 1e9); };
    line("simulated, h", "仿真时长，h", fmt::format("{:.2f}", simulation.time_s() / 3600.0));
    line("time taken, s; times real time", "用时，s；快于实时倍数",
         fmt::format("{:.2f}; {:.0f}", elapsed_s, simulation.time_s() / std::max(elapsed_s, 1e-9)));
    line("heat of the sources, GJ", "热源供热，GJ", gj(account.sources_j));
    line("heat of the consumers, GJ", "用户用热，GJ", gj(account.consumers_j));
    line("heat lost, GJ", "散热损失，GJ", gj(account.losses_j));
    line("with water in and out, GJ", "补水与泄漏带入，GJ", gj(account.inflow_j - account.outflow_j));
    line("stored in water and pipes, GJ", "管网蓄热变化，GJ", gj(account.stored_j));
    line("heat balance error", "热平衡误差", fmt::format("{:.1e}", account.error()));
    line("times hydraulics were solved", "水力求解次数", std::to_string(simulation.hydraulic_solves()));
    print_courses(course);
}

void print_json(const network::Simulation& simulation, const Course& course, double elapsed_s) {
    const auto account = simulation.account();
    std::string values;
    for (std::size_t i = 0; i < course.names.size(); ++i) {
        const double value = course.values[i].back();
        values += fmt::format("{}{}:{}", i == 0 ? "" : ",", json_text(course.names[i]),
                              std::isfinite(value) ? fmt::format("{:.10g}", value) : "null");
    }
    fmt::print(
        R"({{"simulated_s":{},"elapsed_s":{:.3f},"x_real_time":{:.0f},"heat_balance_error":{},"sources_j":{},"consumers_j":{},)"
        R"("losses_j":{},"inflow_j":{},"outflow_j":{},"stored_j":{},"hydraulic_solves":{},"parcels":{},"rows":{},"end":{{{}}}}})"
        "\n",
        simulation.time_s(), elapsed_s, simulation.time_s() / std::max(elapsed_s, 1e-9), account.error(),
        account.sources_j, account.consumers_j, account.losses_j, account.inflow_j, account.outflow_j, account.stored_j,
        simulation.hydraulic_solves(), simulation.parcels(), course.time_s.size(), values);
}

Result<network::Scenario> read_scenario(const std::string& path, const network::Network& net) {
    NUANSHU_TRY(const auto text, read_text(path));
    auto reading = network::read_scenario(text, path, net);
    if (!reading.faults.empty()) {
        print_diagnostics(reading.faults, "");
        return fail(ErrorCode::invalid, path, "{} {}", reading.faults.size(), say("faults", "处错误"));
    }
    return std::move(reading.scenario);
}

/// Runs; a run that is stopped keeps what it has written.
Result<> run_course(network::Simulation& simulation, CsvRows& rows, Course& course) {
    const StopSignals signals;
    const auto take = [&](double time_s, std::span<const double> values) {
        rows.put(time_s, values);
        course.time_s.push_back(time_s);
        for (std::size_t i = 0; i < values.size(); ++i) {
            course.values[i].push_back(values[i]);
        }
    };
    auto result = network::run_scenario(simulation, take, show_progress, signals.token());
    if (isatty(fileno(stderr)) != 0) {
        fmt::print(stderr, "\r      \r");
    }
    return result;
}

Result<> simulate(const SimulateOptions& options, Request& request) {
    NUANSHU_TRY(auto net, read_network(options.path, options.file));
    NUANSHU_TRY(auto scenario, read_scenario(options.scenario, net));
    ask_for_the_usual(scenario, net);
    request.failed_exit_code = no_solution;
    const auto begin = std::chrono::steady_clock::now();
    Course course;
    for (const auto& output : scenario.outputs) {
        course.names.push_back(network::name_of(net, output));
    }
    course.values.resize(course.names.size());
    const auto title = scenario.title;
    NUANSHU_TRY(auto simulation, network::Simulation::create(std::move(net), std::move(scenario)));
    if (!options.from.empty()) {
        NUANSHU_TRY(const auto bytes, read_text(options.from));
        NUANSHU_TRY_VOID(simulation.restore(bytes));
    }
    NUANSHU_TRY(auto rows, CsvRows::open(options.out));
    rows.put_header(course.names);
    const auto ended = run_course(simulation, rows, course);
    NUANSHU_TRY_VOID(rows.finish());
    if (!options.snapshot.empty()) {
        NUANSHU_TRY_VOID(write_text(options.snapshot, simulation.snapshot()));
    }
    if (!options.plot.empty() && !course.time_s.empty()) {
        NUANSHU_TRY_VOID(plot_course(course, title, options.plot));
    }
    const double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!course.time_s.empty() && options.out != "-") {
        request.json ? print_json(simulation, course, elapsed_s) : print_table(simulation, course, elapsed_s);
    }
    return ended;
}

}  // namespace

void add_network_simulate(CLI::App& network, Request& request) {
    auto* command = network.add_subcommand("simulate", "a scenario over time, with transported heat: 动态仿真");
    auto options = std::make_shared<SimulateOptions>();
    add_network_file(*command, options->path, options->file);
    command
        ->add_option("scenario", options->scenario,
                     "JSON: duration, step, courses of boundaries, outputs; see docs/network.md")
        ->required();
    command->add_option("-o,--out", options->out, "outputs over time as CSV; -: standard output");
    command->add_option("--plot", options->plot, "picture of the temperatures over time, .png or .svg");
    command->add_option("--snapshot", options->snapshot, "writes the state at the end, to go on from");
    command->add_option("--from", options->from, "goes on from such a state instead of the steady one");
    command->callback(
        [&request, options] { request.work = [&request, options] { return simulate(*options, request); }; });
}

}  // namespace nuanshu::cli
