"""The toolkit of every page: base layout, pieces, server-side pictures, exports. It knows no domain."""
