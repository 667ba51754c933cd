#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/city.h"
#include "sim/src/instruments.h"
#include "sim/src/modbus_server.h"
#include "sim/src/point_layout.h"

namespace nuanshu::sim {

/// What the faces of a running city look at and write to; owned by the runner.
struct CityView {
    const City& city;
    const PointLayout& layout;
    Plant& plant;
    const Instruments& instruments;
    std::function<std::int64_t()> now_ms;
};

/// The city's controllers on Modbus TCP: one port a station, unit 1; the sources behind one gateway, units 1, 2, 3.
class PlcFace final : public DeviceFace {
 public:
    PlcFace(const CityView& view, const std::vector<RegisterLine>& station_lines,
            const std::vector<RegisterLine>& source_lines);

    /// Builds the banks and opens the ports; fills host and ports of `endpoints`.
    /// Errors: invalid (a unit that cannot be converted), unavailable.
    Result<> open(const std::string& host, int port, CityEndpoints& endpoints);

    void collect(std::vector<pollfd>& wanted) override { server_.collect(wanted); }
    void serve(std::span<const pollfd> happened) override { server_.serve(happened); }
    void tick(std::int64_t now_ms) override { server_.tick(now_ms); }
    bool set_silent(std::string_view device, bool silent) override;
    bool set_cut(std::string_view device, bool cut) override;

 private:
    static constexpr std::size_t no_slot = static_cast<std::size_t>(-1);
    struct BoundLine {
        std::size_t slot = no_slot;  ///< none: the record has no such point, the register reads 0
        RegisterLine line;
    };

    Result<std::size_t> add_device(const std::string& device, const std::string& record,
                                   const std::vector<RegisterLine>& lines);
    void refresh(std::size_t bank);
    void write(std::size_t bank, std::size_t field, double raw);

    const CityView& view_;
    const std::vector<RegisterLine>& station_lines_;
    const std::vector<RegisterLine>& source_lines_;
    ModbusServer server_;
    std::vector<std::vector<BoundLine>> bound_;           ///< by bank, then field
    std::unordered_map<std::string, std::size_t> banks_;  ///< by device code
};

}  // namespace nuanshu::sim
