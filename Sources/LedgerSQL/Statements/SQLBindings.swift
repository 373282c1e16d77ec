/// The values of a statement that writes, added one after the other in the order of its parameters.
///
/// Texts and blobs are laid side by side in one space that is used again for the next statement, so
/// that a value costs no allocation.
package struct SQLBindings {
    /// One value; texts and blobs are ranges of ``space``.
    package enum Slot {
        case integer(Int64?)
        case text(Range<Int>?)
        case bytes(Range<Int>?)
    }

    package private(set) var slots: [Slot] = []
    package private(set) var space: [UInt8] = []

    package init() {}

    /// Forgets the values, and keeps the room for others.
    package mutating func removeAll() {
        slots.removeAll(keepingCapacity: true)
        space.removeAll(keepingCapacity: true)
    }

    package mutating func add(_ value: Int64) { slots.append(.integer(value)) }

    package mutating func add(_ value: Int64?) { slots.append(.integer(value)) }

    package mutating func add(_ value: Bool) { slots.append(.integer(value ? 1 : 0)) }

    package mutating func add(_ value: String) {
        let start = space.count
        space.append(contentsOf: value.utf8)
        slots.append(.text(start..<space.count))
    }

    package mutating func add(_ value: String?) {
        guard let value else { return slots.append(.text(nil)) }
        add(value)
    }

    package mutating func add(_ bytes: [UInt8]) {
        let start = space.count
        space.append(contentsOf: bytes)
        slots.append(.bytes(start..<space.count))
    }

    package mutating func add(_ bytes: [UInt8]?) {
        guard let bytes else { return slots.append(.bytes(nil)) }
        add(bytes)
    }
}
