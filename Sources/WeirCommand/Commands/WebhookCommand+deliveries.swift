import ArgumentParser
import StrictJSON

extension WebhookCommand {
    /// How far a delivery has come.
    enum DeliveryState: String, CaseIterable, ExpressibleByArgument {
        case pending
        case delivered
        case dead
    }

    /// `weir webhook rotate`.
    struct Rotate: DestructiveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a webhook endpoint a new secret, which is shown once.",
            discussion: """
                The old secret signs too for the overlap; one that was rotated before ends at once.

                Example:
                  weir webhook rotate ops --overlap-seconds 3600 --yes
                """)

        @Argument(help: "The endpoint's id.")
        var webhook: String

        @Option(help: "How long the old secret signs too, 0 to 2592000 (86400).")
        var overlapSeconds: Int64?

        @OptionGroup var options: DestructiveOptions

        var question: String { "Give webhook endpoint \(SafeText.line(webhook)) a new secret?" }

        func validate() throws {
            guard (0...2_592_000).contains(overlapSeconds ?? 0) else {
                throw ValidationError("--overlap-seconds must be from 0 to 2592000.")
            }
        }

        func call() -> Call {
            Call.admin(.post, "webhooks", webhook, "rotate")
                .with("overlap_seconds", integer: overlapSeconds).because(change.reason)
        }

        func text(_ answer: JSONValue) -> String { SecretText.text(answer, named: "secret") }
    }

    /// `weir webhook deliveries`.
    struct Deliveries: ListCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what became of the notifications for an endpoint, the oldest first.",
            discussion: """
                Example:
                  weir webhook deliveries ops --state dead
                """)

        @Argument(help: "The endpoint's id.")
        var webhook: String

        @Option(help: "Only those that are pending, delivered or dead.")
        var state: DeliveryState?

        @OptionGroup var list: ListOptions

        func call() -> Call {
            Call.admin(.get, "webhooks", webhook, "deliveries").asking("state", state?.rawValue)
        }

        var columns: [Column] {
            [
                .text("id"), .text("type"), .text("at"), .text("tenant"), .text("state"),
                .number("attempts"), .text("next_attempt_at"), .number("last_status"),
                .text("last_error"),
            ]
        }
    }

    /// `weir webhook replay`.
    struct Replay: ChangeCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have notifications delivered once more, under the ids that they had.",
            discussion: """
                One call takes the first 1000; where there are more, it says after which message \
                the next one goes on.

                Example:
                  weir webhook replay ops --state dead
                  weir webhook replay ops msg_dg0vjbgr9n9c_1a
                  weir webhook replay ops --since 2026-11-20T10:00:00Z
                """)

        @Argument(help: "The endpoint's id.")
        var webhook: String

        @Argument(help: "The ids of messages, msg_…")
        var messages: [String] = []

        @Option(help: "Those whose deliveries are dead, delivered or pending.")
        var state: DeliveryState?

        @Option(help: "All that it wants of what happened since, such as 2026-11-20T10:00:00Z.")
        var since: String?

        @Option(help: "Only those after this message.")
        var after: String?

        @OptionGroup var change: ChangeOptions

        func validate() throws {
            let given = [!messages.isEmpty, state != nil, since != nil].filter(\.self)
            guard given.count == 1 else {
                throw ValidationError("Say what to replay: messages, --state or --since.")
            }
            guard messages.count <= 1_000 else {
                throw ValidationError("At most 1000 messages can be named.")
            }
        }

        func call() -> Call {
            let ids = messages.map { JSONValue.string($0) }
            return Call.admin(.post, "webhooks", webhook, "replay")
                .with("deliveries", ids.isEmpty ? nil : .array(ids))
                .with("state", text: state?.rawValue).with("since", text: since)
                .with("after", text: after).because(change.reason)
        }
    }
}
