import ArgumentParser
import StrictJSON

extension KeyCommand {
    /// `weir key show`.
    struct Show: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a tenant's API key.",
            discussion: """
                Example:
                  weir key show k_7f3a
                """)

        @Argument(help: "The key's id.")
        var key: String

        @OptionGroup var show: ShowOptions

        func call() -> Call { .admin(.get, "keys", key) }
    }

    /// `weir key suspend`.
    struct Suspend: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse a tenant's API key until it is activated again.",
            discussion: """
                Example:
                  weir key suspend k_7f3a --reason "seen in a public repository"
                """)

        @Argument(help: "The key's id.")
        var key: String

        @OptionGroup var change: ChangeOptions

        func call() -> Call {
            Call.admin(.patch, "keys", key).with("status", text: "suspended")
                .because(change.reason)
        }
    }

    /// `weir key activate`.
    struct Activate: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a tenant's API key that was suspended in again.",
            discussion: """
                Example:
                  weir key activate k_7f3a
                """)

        @Argument(help: "The key's id.")
        var key: String

        @OptionGroup var change: ChangeOptions

        func call() -> Call {
            Call.admin(.patch, "keys", key).with("status", text: "active")
                .because(change.reason)
        }
    }

    /// `weir key revoke`.
    struct Revoke: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse a tenant's API key for ever.",
            discussion: """
                Example:
                  weir key revoke k_7f3a --yes
                """)

        @Argument(help: "The key's id.")
        var key: String

        @OptionGroup var options: DestructiveOptions

        var question: String { "Revoke key \(SafeText.line(key)) for ever?" }

        func call() -> Call { .admin(.delete, "keys", key).because(change.reason) }
    }

    /// `weir key rotate`.
    struct Rotate: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a tenant's API key a new secret, which is shown once.",
            discussion: """
                The old secret works for the overlap; one that was rotated before ends at once.

                Example:
                  weir key rotate k_7f3a --overlap-seconds 3600 --yes
                """)

        @Argument(help: "The key's id.")
        var key: String

        @Option(help: "How long the old secret works, 0 to 2592000 (86400).")
        var overlapSeconds: Int64?

        @OptionGroup var options: DestructiveOptions

        var question: String { "Give key \(SafeText.line(key)) a new secret?" }

        func validate() throws {
            guard (0...2_592_000).contains(overlapSeconds ?? 0) else {
                throw ValidationError("--overlap-seconds must be from 0 to 2592000.")
            }
        }

        func call() -> Call {
            Call.admin(.post, "keys", key, "rotate")
                .with("overlap_seconds", integer: overlapSeconds).because(change.reason)
        }

        func text(_ answer: JSONValue) -> String { SecretText.text(answer) }
    }
}
