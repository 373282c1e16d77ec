public import ArgumentParser
public import QuotaCalendar
import QuotaModel

/// `weir periods`: previews the boundaries the server will use.
struct PeriodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "periods",
        abstract: "Preview period boundaries in UTC, from the code the server uses.",
        discussion: """
            Prints the first boundaries at or after --from, each with the period that begins \
            there. Without --anchor the periods are those of the calendar: days from midnight, \
            weeks from Monday, months from the 1st, years from 1 January.

            Example: weir periods --zone Africa/Lagos --anchor 2028-01-31T00:00 --every month \
            --from 2028-01-01 --count 5
            """
    )

    @Option(help: "The IANA time zone, for example Africa/Lagos.")
    var zone = "UTC"

    @Option(help: "The local time at which period 0 begins: YYYY-MM-DD or YYYY-MM-DDThh:mm.")
    var anchor: String?

    @Option(help: "The length of a period: day, week, month or year.")
    var every: BillingInterval = .month

    @Option(help: "The local time to begin at: YYYY-MM-DD or YYYY-MM-DDThh:mm.")
    var from: String

    @Option(help: "How many boundaries to print, 1 to 10000.")
    var count = 12

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        _ = try cycle()
        _ = try localTime(from, flag: "--from")
        guard (1...10_000).contains(count) else {
            throw ValidationError("--count is 1 to 10000, not \(count).")
        }
    }

    func run() throws {
        let cycle = try cycle()
        let start = cycle.zone.resolve(try localTime(from, flag: "--from"))
        let first = cycle.firstPeriod(startingAtOrAfter: start)
        var periods = first.map { cycle.periods(from: $0.start, count: count) } ?? []
        // The last period of representable time (2262) has no end to show.
        if periods.last?.end == .distantFuture { periods.removeLast() }
        Terminal.show((json ? jsonObject(periods, of: cycle) : table(periods, of: cycle)) + "\n")
    }

    private func cycle() throws -> BillingCycle {
        let rules: ZoneRules
        do {
            rules = try ZoneRules(zone)
        } catch {
            throw ValidationError("--zone: \(error).")
        }
        guard let anchor else { return .calendar(zone: rules, interval: every) }
        let local = try localTime(anchor, flag: "--anchor")
        return BillingCycle(zone: rules, anchor: local, interval: every)
    }

    /// Reads a local time in the years whose boundaries `Timestamp` can hold on both sides.
    private func localTime(_ text: String, flag: String) throws -> LocalDateTime {
        guard let local = LocalDateTime(text) else {
            throw ValidationError(
                "\(flag) \(String(text.prefix(64)).debugDescription) is not a local time; give an"
                    + " existing date as 2028-01-31 or with a time as 2028-01-31T00:00."
            )
        }
        guard (1700...2200).contains(local.date.year) else {
            throw ValidationError("\(flag) \(local) lies outside the years 1700 to 2200.")
        }
        return local
    }

    private func table(_ periods: [Period], of cycle: BillingCycle) -> String {
        var rows = [["index", "start (UTC)", "end (UTC)", "start (local)", "hours"]]
        for period in periods {
            rows.append([
                String(period.index), period.start.description, period.end.description,
                cycle.zone.localDateTime(at: period.start).description, hours(of: period),
            ])
        }
        let widths = rows[0].indices.map { column in rows.map(\.[column].count).max() ?? 0 }
        let lines = rows.map { row in
            row.indices
                .map { column in
                    // Numbers end where their column ends, text begins where it begins.
                    let padding = String(repeating: " ", count: widths[column] - row[column].count)
                    let isNumber = column == 0 || column == row.count - 1
                    return isNumber ? padding + row[column] : row[column] + padding
                }
                .joined(separator: "  ")
        }
        return lines.joined(separator: "\n")
    }

    /// The length in hours, with a fraction only where a zone makes one: `743`, `23.5`.
    private func hours(of period: Period) -> String {
        let hours = Double(period.end.nanoseconds(since: period.start)) / 3_600_000_000_000
        return hours == hours.rounded() ? String(Int64(hours)) : String(hours)
    }

    /// Written by hand for the order of its members; nothing in it needs escaping.
    private func jsonObject(_ periods: [Period], of cycle: BillingCycle) -> String {
        let items = periods.map { period in
            #"{"index":\#(period.index),"start":"\#(period.start)","end":"\#(period.end)","#
                + #""local_start":"\#(cycle.zone.localDateTime(at: period.start))"}"#
        }
        let anchorValue = anchor == nil ? "null" : #""\#(cycle.anchor)""#
        return #"{"zone":"\#(cycle.zone.name)","anchor":\#(anchorValue),"#
            + #""every":"\#(cycle.interval.rawValue)","#
            + #""tz_version":"\#(ZoneRules.databaseVersion)","#
            + #""periods":[\#(items.joined(separator: ","))]}"#
    }
}

extension BillingInterval: ExpressibleByArgument {}
