/// Which names may be looked up in the time-zone database at all.
///
/// Libraries accept more than the database holds: offsets (`GMT+3`), abbreviations whose meaning
/// they choose (`IST`, `CST`), zones of other systems (`SystemV/PST8`). Here a name without a
/// slash must be one of the database's own, and one with a slash must look like an area.
enum ZoneName {
    /// No name of the database is longer than 32 bytes.
    static let maximumBytes = 64

    /// Whether the database may know this name.
    static func isPlausible(_ name: String) -> Bool {
        guard (1...maximumBytes).contains(name.utf8.count), name.utf8.allSatisfy(isNameByte) else {
            return false
        }
        guard let slash = name.firstIndex(of: "/") else { return namesWithoutArea.contains(name) }
        return areas.contains(String(name[..<slash])) && name != dropped
    }

    /// The refusal of a name, with the name made safe to print.
    static func unknown(_ name: String) -> CalendarError {
        let shown = String(name.prefix(maximumBytes)).debugDescription
        return CalendarError(
            .unknownTimeZone,
            "unknown time zone \(shown); use a name of the IANA time-zone database, in its exact"
                + " spelling, such as Africa/Lagos, Europe/Berlin or UTC"
        )
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }

    /// Withdrawn from the database in 2020b, but some copies still hold it.
    private static let dropped = "US/Pacific-New"

    private static let areas: Set<String> = [
        "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil",
        "Canada", "Chile", "Etc", "Europe", "Indian", "Mexico", "Pacific", "US",
    ]

    /// All names of the database without a slash; a new one has not been added since 1996.
    static let namesWithoutArea: Set<String> = [
        "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "Factory", "GB",
        "GB-Eire", "GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich", "HST", "Hongkong", "Iceland",
        "Iran", "Israel", "Jamaica", "Japan", "Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ",
        "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK", "Singapore",
        "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu",
    ]
}
