"""Entries from files that people have (CSV, XLSX, JSON, YAML), and into them. Content folders: knowledge_base/importing.py."""
