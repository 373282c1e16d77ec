import Foundation
public import QuotaModel

/// The offsets from UTC of one zone of the IANA time-zone database.
///
/// This is the only file that knows where the database comes from. A value is immutable and
/// cheap to copy; a lookup costs about 80 ns.
public struct ZoneRules: Sendable {
    /// The IANA name as the caller spelled it, for example `Africa/Lagos` or `US/Pacific`.
    public let name: String

    private let zone: TimeZone

    /// The zone of this name.
    ///
    /// - Throws: `unknownTimeZone` for everything that is not a name of the database, also for
    ///   `GMT+3` and `PST`, which other libraries make zones of, and for another spelling.
    public init(_ name: String) throws(CalendarError) {
        guard ZoneName.isPlausible(name), let zone = TimeZone(identifier: name),
            // Names without a slash come from our own list, and some are renamed (UTC to GMT).
            zone.identifier == name || !name.utf8.contains(UInt8(ascii: "/"))
        else { throw ZoneName.unknown(name) }
        self.name = name
        self.zone = zone
    }

    /// Coordinated Universal Time.
    public static let utc = ZoneRules()

    private init() {
        name = "UTC"
        zone = .gmt
    }

    /// The version of the time-zone database in use, for example `2025b`.
    public static var databaseVersion: String { TimeZone.timeZoneDataVersion }

    /// The names of the database without its aliases, sorted.
    ///
    /// Aliases such as `US/Pacific` and the zones under `Etc/` are accepted too but not listed.
    public static var knownNames: [String] { TimeZone.knownTimeZoneIdentifiers.sorted() }

    /// Seconds east of UTC at an instant.
    public func offsetSeconds(at instant: Timestamp) -> Int64 {
        offsetSeconds(atSecond: instant.seconds)
    }

    /// Seconds east of UTC at a whole second since the Unix epoch.
    ///
    /// Transitions lie on whole seconds, so nothing is lost by asking for these only.
    func offsetSeconds(atSecond second: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
    }
}

extension ZoneRules: Hashable {
    /// Zones are equal when they are spelled alike, so an alias differs from its target.
    public static func == (left: ZoneRules, right: ZoneRules) -> Bool {
        left.name == right.name
    }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
    }
}
