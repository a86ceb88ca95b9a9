"""Daemons, people and faults at once on one repository, and the judge who reads its history afterwards."""
