/// One step of a path into a JSON document.
enum JSONStep: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case name(String)
    case place(Int)

    init(stringLiteral value: String) {
        self = .name(value)
    }

    init(integerLiteral value: Int) {
        self = .place(value)
    }
}
