import Events
import LogFormat

/// How the values of a type fall into columns (Dremel): a record is a group, a list one of Parquet's LIST.
indirect enum ColumnTree {
    case leaf(Column)
    /// Elements stand one level of repetition deeper.
    case list(ColumnTree, repetition: Int)
    case record([Member])

    struct Member {
        let tree: ColumnTree
        let isOptional: Bool
        /// All columns below it.
        let columns: [Column]
    }

    /// Writes the elements of the schema and makes the columns.
    struct Maker {
        private(set) var columns: [Column] = []
        /// What each element of the schema says, outermost first.
        private(set) var elements: [(inout ThriftWriter) -> Void] = []

        /// A leaf that every row has.
        mutating func required(_ name: String, _ type: ColumnType) -> Column { leaf([name], type, 0, 0, 0) }

        /// A member of the record at `path`, below which values have these levels.
        mutating func member(
            _ name: String, _ plan: TypePlan, isOptional: Bool, in path: [String], _ definition: Int,
            _ repetition: Int
        ) -> Member {
            let first = columns.count
            let tree = node(
                path + [name], plan, isOptional ? 1 : 0, definition + (isOptional ? 1 : 0), repetition)
            return Member(tree: tree, isOptional: isOptional, columns: Array(columns[first...]))
        }

        private mutating func node(
            _ path: [String], _ plan: TypePlan, _ kind: Int, _ definition: Int, _ repetition: Int
        ) -> ColumnTree {
            if let type = ColumnType(plan) { return .leaf(leaf(path, type, kind, definition, repetition)) }
            switch plan {
            case .list(let element, _):
                group(path, kind, 1, isList: true)
                group(path + ["list"], 2, 1)
                let tree = node(path + ["list", "element"], element, 0, definition + 1, repetition + 1)
                return .list(tree, repetition: repetition + 1)
            case .record(let record):
                group(path, kind, record.members.count)
                var members: [Member] = []
                for member in record.members {
                    members.append(
                        self.member(
                            String(decoding: member.name, as: UTF8.self), member.type, isOptional: member.isOptional,
                            in: path, definition, repetition))
                }
                return .record(members)
            default: preconditionFailure("Invariant: every other kind is a leaf")
            }
        }

        private mutating func leaf(
            _ path: [String], _ type: ColumnType, _ kind: Int, _ definition: Int, _ repetition: Int
        ) -> Column {
            let column = Column(path, type, maxDefinition: definition, maxRepetition: repetition)
            columns.append(column)
            let name = path.last ?? ""
            elements.append { type.describe(name, repetition: kind, to: &$0) }
            return column
        }

        private mutating func group(_ path: [String], _ kind: Int, _ children: Int, isList: Bool = false) {
            let name = path.last ?? ""
            elements.append { thrift in
                thrift.i32(3, kind)
                thrift.text(4, name)
                thrift.i32(5, children)
                guard isList else { return }
                thrift.i32(6, 3)
                thrift.structure(10) { $0.structure(3) { _ in } }
            }
        }
    }
}

extension ColumnTree.Member {
    /// Puts a value that may be absent; `cursor` stands at it if it is there.
    func put(isThere: Bool, _ plan: TypePlan, _ cursor: inout PlainCursor, _ repetition: Int, _ definition: Int) {
        guard isThere else { return absent(repetition, definition) }
        tree.put(plan, &cursor, columns, repetition, definition + (isOptional ? 1 : 0))
    }

    /// Puts that there is none.
    func absent(_ repetition: Int, _ definition: Int) {
        for column in columns { column.level(repetition, definition) }
    }
}

extension ColumnTree {
    /// Puts the value at `cursor` into the columns; all of those below are `columns`.
    fileprivate func put(
        _ plan: TypePlan, _ cursor: inout PlainCursor, _ columns: [Column], _ repetition: Int, _ definition: Int
    ) {
        switch (self, plan) {
        case (.leaf(let column), _):
            column.level(repetition, definition)
            column.append(plan, &cursor)
        case (.list(let tree, let deeper), .list(let element, _)):
            let count = cursor.take(UInt32.self)
            if count == 0 { for column in columns { column.level(repetition, definition) } }
            for index in 0..<count {
                tree.put(element, &cursor, columns, index == 0 ? repetition : deeper, definition + 1)
            }
        case (.record(let members), .record(let record)):
            var presence = cursor.takePresence(record.stableOptionalCount)
            for (member, field) in zip(members, record.members) {
                let isThere = !field.isOptional || presence.next()
                member.put(isThere: isThere, field.type, &cursor, repetition, definition)
            }
        default: preconditionFailure("Invariant: the columns were made of the plan")
        }
    }
}
