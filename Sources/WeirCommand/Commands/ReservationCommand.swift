import ArgumentParser
import StrictJSON

/// `weir reservation`.
struct ReservationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reservation",
        abstract: "Look at held units, and settle or release them.",
        discussion: """
            Example:
              weir reservation list --tenant acme
            """,
        subcommands: [List.self, Show.self, Settle.self, Void.self])
}

extension ReservationCommand {
    /// `weir reservation list`.
    struct List: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the reservations that hold units, the next to expire first.",
            discussion: """
                Example:
                  weir reservation list --tenant acme
                """)

        @Option(help: "Only those of this tenant.")
        var tenant: String?

        @OptionGroup var list: ListOptions

        func call() -> Call { Call.admin(.get, "reservations").asking("tenant", tenant) }

        var owner: Call? { tenant.map { .admin(.get, "tenants", $0) } }

        var columns: [Column] {
            [
                .text("reservation_id", title: "id"), .text("tenant"), .text("key"),
                .text("model"), .text("state"), .text("charges"), .text("on_expiry"),
                .text("expires_at"),
            ]
        }
    }

    /// `weir reservation show`.
    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a reservation.",
            discussion: """
                Example:
                  weir reservation show r_5d1c
                """)

        @Argument(help: "The reservation's id.")
        var reservation: String

        @OptionGroup var show: ShowOptions

        func call() -> Call { .decision(.get, "reservations", reservation) }
    }

    /// `weir reservation settle`.
    struct Settle: ConfirmedCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a reservation with what was really used.",
            discussion: """
                Example:
                  weir reservation settle r_5d1c --charge ai_tokens=812 --yes
                """)

        @Argument(help: "The reservation's id.")
        var reservation: String

        @Option(
            name: .customLong("charge"),
            help: ArgumentHelp(
                "A meter and what was used of it; repeat for more.", valueName: "meter=units"))
        var charges: [SettledCharge]

        @OptionGroup var options: ConfirmedOptions

        var show: ShowOptions { options.show }

        var isConfirmed: Bool { options.isConfirmed }

        var question: String { "Settle reservation \(SafeText.line(reservation))?" }

        func call() -> Call {
            Call.decision(.post, "reservations", reservation, "settle")
                .with("charges", .array(charges.map(\.json)))
        }
    }

    /// `weir reservation void`.
    struct Void: ConfirmedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give all units of a reservation back.",
            discussion: """
                Example:
                  weir reservation void r_5d1c --yes
                """)

        @Argument(help: "The reservation's id.")
        var reservation: String

        @OptionGroup var options: ConfirmedOptions

        var show: ShowOptions { options.show }

        var isConfirmed: Bool { options.isConfirmed }

        var question: String { "Void reservation \(SafeText.line(reservation))?" }

        func call() -> Call { .decision(.post, "reservations", reservation, "void") }
    }
}
