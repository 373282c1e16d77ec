/// Values that many share, each kept once, by number; gone with the last one who has it.
struct InternTable<Value: Hashable & Sendable>: Sendable {
    private var values: ContiguousArray<Value?> = []
    /// How many have each of them.
    private var users: ContiguousArray<Int> = []
    private var numbers: [Value: Int32] = [:]
    private var free: [Int32] = []

    /// How many values there are.
    var count: Int { numbers.count }

    /// The value of a number that somebody has.
    @inline(__always)
    subscript(number: Int32) -> Value {
        guard let value = values[Int(number)] else {
            preconditionFailure("a number is of somebody who has it")
        }
        return value
    }

    /// The number of a value, for one more who has it.
    mutating func take(_ value: Value) -> Int32 {
        if let known = numbers[value] {
            users[Int(known)] += 1
            return known
        }
        let number: Int32
        if let place = free.popLast() {
            number = place
            values[Int(number)] = value
            users[Int(number)] = 1
        } else {
            number = Int32(values.count)
            values.append(value)
            users.append(1)
        }
        numbers[value] = number
        return number
    }

    /// One who had it has it no more.
    mutating func leave(_ number: Int32) {
        users[Int(number)] -= 1
        guard users[Int(number)] == 0, let value = values[Int(number)] else { return }
        numbers[value] = nil
        values[Int(number)] = nil
        free.append(number)
    }
}
