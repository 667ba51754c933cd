#include "sim/src/plc_face.h"

#include "base/log.h"

namespace nuanshu::sim {

namespace {

/// "xc.s01.n1.h001" and "b1.valve1/opening" make "xc.s01.n1.h001.b1.valve1/opening"; "/flow" is the record's own.
std::string point_code(const std::string& record, const std::string& relative) {
    return relative.starts_with('/') ? record + relative : record + "." + relative;
}

}  // namespace

PlcFace::PlcFace(const CityView& view, const std::vector<RegisterLine>& station_lines,
                 const std::vector<RegisterLine>& source_lines)
    : view_(view),
      station_lines_(station_lines),
      source_lines_(source_lines),
      server_({.before_read = [this](std::size_t bank) { refresh(bank); },
               .written = [this](std::size_t bank, std::size_t field, double raw) { write(bank, field, raw); }}) {}

Result<std::size_t> PlcFace::add_device(const std::string& device, const std::string& record,
                                        const std::vector<RegisterLine>& lines) {
    std::vector<BoundLine> bound;
    std::vector<RegisterField> fields;
    for (const auto& line : lines) {
        const auto slot = view_.layout.find(point_code(record, line.point));
        const auto unit = slot ? view_.layout.specs[*slot]->quantity.unit : std::string_view(line.unit);
        NUANSHU_TRY(auto ready, with_unit(line, unit));
        fields.push_back({ready.address, ready.writable && slot && view_.layout.specs[*slot]->command});
        bound.push_back({slot.value_or(no_slot), std::move(ready)});
    }
    const std::size_t bank = server_.add_bank(std::move(fields));
    bound_.push_back(std::move(bound));
    banks_.emplace(device, bank);
    return bank;
}

Result<> PlcFace::open(const std::string& host, int port, CityEndpoints& endpoints) {
    endpoints.host = host;
    for (const auto& station : view_.city.stations) {
        NUANSHU_TRY(const auto bank, add_device(station.code + ".plc1", station.code, station_lines_));
        NUANSHU_TRY(const int taken, server_.listen(host, port, {{1, bank}}));
        endpoints.station_ports.push_back(taken);
        port = port == 0 ? 0 : taken + 1;
    }
    std::vector<ModbusServer::Unit> units;
    for (const auto& source : view_.city.sources) {
        NUANSHU_TRY(const auto bank, add_device(source.code + ".plc1", source.code, source_lines_));
        units.push_back({static_cast<int>(units.size()) + 1, bank});
    }
    NUANSHU_TRY(endpoints.gateway_port, server_.listen(host, port, std::move(units)));
    return {};
}

void PlcFace::refresh(std::size_t bank) {
    const std::int64_t now_ms = view_.now_ms();
    for (std::size_t field = 0; field < bound_[bank].size(); ++field) {
        const auto& [slot, line] = bound_[bank][field];
        if (slot != no_slot) {
            server_.bank(bank).set(field, line.raw(view_.instruments.read(slot, now_ms)));
        }
    }
}

void PlcFace::write(std::size_t bank, std::size_t field, double raw) {
    const auto& [slot, line] = bound_[bank][field];
    const double value = line.value(raw);
    if (slot != no_slot && !view_.plant.write(slot, value)) {
        log_warn("sim", "{}: {} was written and not taken", view_.layout.codes[slot], value);
    }
}

bool PlcFace::set_silent(std::string_view device, bool silent) {
    const auto found = banks_.find(std::string(device));
    if (found == banks_.end()) {
        return false;
    }
    server_.set_silent(found->second, silent);
    return true;
}

bool PlcFace::set_cut(std::string_view device, bool cut) {
    const auto found = banks_.find(std::string(device));
    if (found == banks_.end()) {
        return false;
    }
    server_.set_cut(found->second, cut);
    return true;
}

}  // namespace nuanshu::sim
